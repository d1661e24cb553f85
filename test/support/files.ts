// Small files for tests: complete files, or the first bytes of a format followed by other bytes.
import { concatBytes, toBase64, utf8 } from "../../src/core/bytes.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A file that begins like a PNG. `content` follows the signature. */
export const pngOf = (content: string): Uint8Array => concatBytes([latin1("\x89PNG\r\n\x1a\n"), utf8(content)]);
export const jpegOf = (content: string): Uint8Array => concatBytes([latin1("\xff\xd8\xff\xe0"), utf8(content)]);
export const riffOf = (form: "WEBP" | "WAVE", content: string): Uint8Array =>
  concatBytes([latin1("RIFF\x10\0\0\0"), latin1(form), utf8(content)]);

export const dataUrl = (mediaType: string, bytes: Uint8Array): string => `data:${mediaType};base64,${toBase64(bytes)}`;
