// Reads request bodies: bounded, strict about their type, strict about UTF-8.
import { concatBytes } from "../core/bytes.ts";
import { excessOfJson } from "../core/json-size.ts";
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

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** SECURITY: counted first. A parsed value may take a hundred times the memory of its text. */
export function parseJson(bytes: Uint8Array): unknown {
  const excess = excessOfJson(bytes);
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
  if (told <= most) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes <= most) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > LIMITS.drainBytes) break;
  }
  if (bytes > most) {
    throw new Fault("too_large", `The body is over ${most} bytes; ${remedy}`);
  }
  return concatBytes(chunks);
}
