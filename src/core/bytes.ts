// Conversions between bytes and text: hex, base64, float32 rows, digests. Pure functions over Uint8Array.
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

/** SHA-256 of a text in UTF-8 that comes in pieces, as lower-case hex. Takes a turn of the event loop after each piece. */
export async function sha256HexOfPieces(pieces: Iterable<string>, turns: Turns): Promise<string> {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  for (const piece of pieces) {
    await writer.write(utf8(piece));
    await turns.take();
  }
  await writer.close();
  return toHex(new Uint8Array(await stream.digest));
}

/** Standard base64 (RFC 4648), padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

/** Decodes standard or URL-safe base64 (RFC 4648), padded or not; null for other text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const standard = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={1,2}$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(standard) || standard.length % 4 === 1) return null;
  const characters = atob(standard);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i); // `Uint8Array.from` takes ten times as long
  return bytes;
}

/** Decodes hex that is all lower-case or all upper-case; null for other text. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 !== 0 || !/^([0-9a-f]*|[0-9A-F]*)$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
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
