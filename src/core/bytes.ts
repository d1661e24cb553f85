// Conversions between bytes and text: hex, base64, float32 rows, digests. Pure functions over Uint8Array.
import { atOnce, type Steps } from "./steps.ts";
import type { Turns } from "./turns.ts";

const encoder = new TextEncoder();

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** SHA-256 (FIPS 180-4), as lower-case hex. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/**
 * SHA-256 of bytes, or of a text in UTF-8, that come in pieces, as lower-case hex. Takes a turn of the event loop after each
 * piece.
 */
export async function sha256HexOfPieces(pieces: Iterable<string | Uint8Array>, turns: Turns): Promise<string> {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  for (const piece of pieces) {
    await writer.write(typeof piece === "string" ? utf8(piece) : piece);
    await turns.take();
  }
  await writer.close();
  return toHex(new Uint8Array(await stream.digest));
}

/** PLATFORM: workerd has these methods and decodes ten times as fast by them. Node 24 and the types do not have them yet. */
interface WithBase64 {
  toBase64?(): string;
  setFromBase64?(text: string): { readonly read: number; readonly written: number };
}

/** Standard base64 (RFC 4648), padded. */
export function toBase64(bytes: Uint8Array & WithBase64): string {
  if (bytes.toBase64) return bytes.toBase64();
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

/** Decodes standard or URL-safe base64 (RFC 4648), padded or not; null for other text. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | null =>
  atOnce(fromBase64InSteps(text, Number.POSITIVE_INFINITY));

/** Like `fromBase64`, in steps of `charsAStep` characters, a multiple of 4. */
export function* fromBase64InSteps(text: string, charsAStep: number): Steps<Uint8Array<ArrayBuffer> | null> {
  const chars = text.length - (/={0,2}$/.exec(text.slice(-2))?.[0].length ?? 0);
  const bytes = new Uint8Array(Math.floor((chars * 3) / 4));
  for (let at = 0; at < chars; at += charsAStep) {
    if (chars > charsAStep) yield;
    const end = Math.min(chars, at + charsAStep);
    if (!decodeInto(bytes.subarray((at * 3) / 4, Math.floor((end * 3) / 4)), text.slice(at, end))) return null;
  }
  return bytes;
}

/** Decodes base64 without padding, which fills `bytes`. Returns false for other text. */
function decodeInto(bytes: Uint8Array & WithBase64, text: string): boolean {
  if (text.length % 4 === 1) return false;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  try {
    if (bytes.setFromBase64) {
      const { read, written } = bytes.setFromBase64(standard);
      return read === text.length && written === bytes.length;
    }
    const characters = atob(standard);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i); // `Uint8Array.from` takes ten times as long
    return characters.length === bytes.length; // not so with white space or padding inside, which `atob` skips
  } catch {
    return false;
  }
}

/** Decodes hex that is all lower-case or all upper-case; null for other text. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 !== 0 || !/^([0-9a-f]*|[0-9A-F]*)$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Views of `bytes`, `size` bytes each. */
export function* piecesOfBytes(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/** The bytes of a typed array, without a copy. Respects its offset and length. */
export const bytesOf = (array: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);

/** Little-endian float32 values of `bytes`, copied so that any offset works. The length must be a multiple of four. */
export const toFloat32 = (bytes: Uint8Array | ArrayBuffer): Float32Array<ArrayBuffer> =>
  new Float32Array(bytes instanceof ArrayBuffer ? bytes : bytes.slice().buffer);
