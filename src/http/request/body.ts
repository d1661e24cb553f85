// Reads request bodies: bounded, with strict content types and strict UTF-8.
import { concatBytes } from "../../core/bytes.ts";
import { excessOfJson, type JsonCount } from "../../core/json-size.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";

const JSON_TYPE = "application/json";

/** The Content-Length of a request; NaN without one. */
export const bytesTold = (request: Request): number => Number(request.headers.get("Content-Length") ?? Number.NaN);

/** The media type of a request, lower-case, without parameters; "" if there is none. */
export function mediaType(request: Request): string {
  const given = request.headers.get("Content-Type") ?? "";
  return given === JSON_TYPE ? given : (given.split(";")[0]?.trim().toLowerCase() ?? "");
}

export function refuseMediaType(request: Request, taken: readonly string[]): never {
  const got = mediaType(request) || "none";
  throw new Fault("unsupported_media_type", `Content-Type is ${got}; this route accepts ${taken.join(", ")}`);
}

/** Bodies must not be compressed: a compressed one could expand to any size. */
export function refuseEncoding(request: Request): void {
  const coding = request.headers.get("Content-Encoding") ?? "identity";
  if (coding === "identity") return;
  throw new Fault("unsupported_media_type", `Content-Encoding is ${coding}; send the body without a content coding`);
}

/** The JSON body, up to `LIMITS.smallJsonBodyBytes`; undefined if it is empty and optional. */
export async function readJson(request: Request, required: boolean): Promise<unknown> {
  const most = LIMITS.smallJsonBodyBytes;
  if (!required && request.body === null) return undefined;
  if (mediaType(request) !== JSON_TYPE) {
    if (!required && mediaType(request) === "" && (await readBytes(request, most, SHORTEN)).byteLength === 0)
      return undefined;
    refuseMediaType(request, [JSON_TYPE]);
  }
  const bytes = await readBytes(request, most, SHORTEN);
  if (!required && bytes.byteLength === 0) return undefined;
  return parseJson(bytes);
}

/** The bytes of a JSON body, for a handler that parses them itself. */
export async function readJsonBytes(
  request: Request,
  most: number,
  remedy = SHORTEN,
): Promise<Uint8Array<ArrayBuffer>> {
  if (mediaType(request) !== JSON_TYPE) refuseMediaType(request, [JSON_TYPE]);
  return readBytes(request, most, remedy);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** SECURITY: counts the contents first, because a parsed value may take a hundred times the memory of its text. */
export function parseJson(bytes: Uint8Array): unknown {
  return parseCounted(bytes, excessOfJson(bytes));
}

/** Parses one part of a body. All parsed parts are kept, so together they may contain as much as a body parsed at once. */
export const parseJsonPart = (bytes: Uint8Array, count: JsonCount): unknown => parseCounted(bytes, count.add(bytes));

function parseCounted(bytes: Uint8Array, excess: string | null): unknown {
  if (excess !== null) throw new Fault("too_large", `The body has ${excess}; send less per request`);
  try {
    return JSON.parse(strictUtf8.decode(bytes));
  } catch (error) {
    throw notJson(error as Error);
  }
}

export const notJson = ({ message }: Error): Fault =>
  new Fault("invalid_request", `The body is not JSON in UTF-8: ${message}`);

const SHORTEN = "shorten its texts and lists";
const SEND_LESS = "send less per request: examples may be streamed as application/x-ndjson";

/** The body, up to `most` bytes. `remedy`: advice for a larger one. */
export async function readBytes(
  request: Request,
  most: number = LIMITS.jsonBodyBytes,
  remedy = SEND_LESS,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytesTold(request) <= most) return wholeBody(request);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(request.body)) {
    bytes += piece.byteLength;
    if (bytes > most) throw new Fault("too_large", `The body is over ${most} bytes; ${remedy}`);
    pieces.push(piece);
  }
  return concatBytes(pieces);
}

/** Reads a body at once. Call it after its length was checked. */
export const wholeBody = (request: Request): Promise<Uint8Array<ArrayBuffer>> =>
  request.arrayBuffer().then((buffer) => new Uint8Array(buffer), refuseCutShort);

/** A client that disconnects while sending is not a service failure: its request is incomplete. */
function refuseCutShort(): never {
  throw new Fault("invalid_request", "The connection ended before the body did; send the request again");
}

/** A body in pieces. A consumer that stops early leaves the rest to `drain`, before the response is sent. */
export async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  let isAtEnd = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(refuseCutShort);
      isAtEnd = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isAtEnd) await drain(reader);
  }
}

/** Discards an unread body. Returns null if there is nothing to discard, so that the caller need not wait. */
export function dropUnread(request: Request): Promise<void> | null {
  // For a body that was read, only the flag is checked: accessing it would create the stream for nothing.
  if (request.bodyUsed || request.body === null || request.body.locked) return null;
  return drain(request.body.getReader());
}

/**
 * Reads and discards the rest of a body, up to a bound of bytes and of time. PLATFORM: a response that leaves part of a
 * request's body unread breaks its connection, and the next request on it gets a reset or a 500 (workerd 1.20260917, wrangler
 * 4.155). Cancelling the body has the same effect at once, so whatever exceeds the bound is left to the runtime.
 */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LIMITS.drainSeconds * 1_000);
  });
  try {
    for (let bytes = 0; bytes <= LIMITS.drainBytes; ) {
      const piece = await Promise.race([reader.read(), tooLate]);
      if (!piece?.value) return;
      bytes += piece.value.byteLength;
    }
  } catch {
    // The client has disconnected: no more data will come.
  } finally {
    clearTimeout(timer);
  }
}
