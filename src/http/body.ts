// Reads request bodies: bounded, strict about their type, strict about UTF-8.
import { concatBytes } from "../core/bytes.ts";
import { excessOfJson, type JsonCount } from "../core/json-size.ts";
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

const JSON_TYPE = "application/json";

/** The media type of a request, lower-case, without parameters; "" when there is none. */
export function mediaType(request: Request): string {
  const given = request.headers.get("Content-Type") ?? "";
  return given === JSON_TYPE ? given : (given.split(";")[0]?.trim().toLowerCase() ?? "");
}

export function refuseMediaType(request: Request, taken: readonly string[]): never {
  const got = mediaType(request) || "none";
  throw new Fault("unsupported_media_type", `Content-Type is ${got}; this takes ${taken.join(", ")}`);
}

/** Bodies come as they are: a compressed one could unfold to any size. */
export function refuseEncoding(request: Request): void {
  const coding = request.headers.get("Content-Encoding") ?? "identity";
  if (coding === "identity") return;
  throw new Fault("unsupported_media_type", `Content-Encoding is ${coding}; send the body without one`);
}

/** The JSON body, up to `most` bytes; undefined when it is empty and need not be there. */
export async function readJson(
  request: Request,
  required: boolean,
  most: number = LIMITS.smallJsonBodyBytes,
): Promise<unknown> {
  if (!required && request.body === null) return undefined;
  if (mediaType(request) !== JSON_TYPE) {
    if (!required && mediaType(request) === "" && (await readBytes(request, most)).byteLength === 0) return undefined;
    refuseMediaType(request, [JSON_TYPE]);
  }
  const bytes = await readBytes(request, most);
  if (!required && bytes.byteLength === 0) return undefined;
  return parseJson(bytes);
}

/** The bytes of a JSON body, for a handler that parses them itself. */
export async function readJsonBytes(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if (mediaType(request) !== JSON_TYPE) refuseMediaType(request, [JSON_TYPE]);
  return readBytes(request, most);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** SECURITY: counted first. A parsed value may take a hundred times the memory of its text. */
export function parseJson(bytes: Uint8Array): unknown {
  return parseCounted(bytes, excessOfJson(bytes));
}

/** Parses a part of a body whose parts are all held: together they may hold as much as one that is parsed at once. */
export const parseJsonPart = (bytes: Uint8Array, count: JsonCount): unknown => parseCounted(bytes, count.add(bytes));

function parseCounted(bytes: Uint8Array, excess: string | null): unknown {
  if (excess !== null) throw new Fault("too_large", `The body holds ${excess}; send less a request`);
  try {
    return JSON.parse(strictUtf8.decode(bytes));
  } catch (error) {
    throw new Fault("invalid_request", `The body is not JSON in UTF-8: ${(error as Error).message}`);
  }
}

const SEND_LESS = "send less a request: examples may be streamed as application/x-ndjson";

/** The body, up to `most` bytes; `remedy` says what to do about a larger one. */
export async function readBytes(
  request: Request,
  most: number = LIMITS.jsonBodyBytes,
  remedy = SEND_LESS,
): Promise<Uint8Array<ArrayBuffer>> {
  const told = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (told <= most) return wholeBody(request);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of piecesOf(request.body)) {
    bytes += piece.byteLength;
    if (bytes > most) throw new Fault("too_large", `The body is over ${most} bytes; ${remedy}`);
    pieces.push(piece);
  }
  return concatBytes(pieces);
}

/** A body whose length has been looked at. */
export const wholeBody = (request: Request): Promise<Uint8Array<ArrayBuffer>> =>
  request.arrayBuffer().then((buffer) => new Uint8Array(buffer), refuseCutShort);

/** A client that leaves while it sends is no failure of ours: the request is not what it said it would be. */
function refuseCutShort(): never {
  throw new Fault("invalid_request", "The connection ended before the body did; send the request again");
}

/** A body piece by piece. Whoever stops early leaves the rest to `drain`, before the answer is sent. */
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

/** Drops a body that nobody has begun to read; null where there is none, so that a caller need not wait. */
export function dropUnread(request: Request): Promise<void> | null {
  // Of a body that was read, only the flag is asked for: the stream would be made for nothing.
  if (request.bodyUsed || request.body === null || request.body.locked) return null;
  return drain(request.body.getReader());
}

/**
 * Reads and drops the rest of a body, up to a bound of bytes and of time. PLATFORM: an answer that leaves part of a request's
 * body unread costs its connection, and whoever has the next request on it gets a reset or a 500 (workerd 1.20260917, wrangler
 * 4.155). Cancelling the body does the same at once, so what lies beyond the bound is left to the runtime.
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
    // The client has left: nothing more will come.
  } finally {
    clearTimeout(timer);
  }
}
