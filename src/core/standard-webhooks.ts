// What both ends of a webhook share (Standard Webhooks 1.0.0): secrets, their keys, and the text that is signed.
import { concatBytes, fromBase64, toBase64, utf8 } from "./bytes.ts";
import type { RandomBytes } from "./ids.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** `whsec_` and the base64 of 32 bytes. */
export const makeWebhookSecret = (random: RandomBytes): string => PREFIX + toBase64(random(SECRET_BYTES));

/** The HMAC-SHA256 key of a secret, with or without its prefix. Throws where it is not base64 of anything. */
export function keyOfSecret(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes || bytes.length === 0) throw new Error("A webhook secret must be whsec_ and base64");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** `id.timestamp.body`, the body byte for byte. */
export const signedBytes = (id: string, seconds: number | string, body: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes([utf8(`${id}.${seconds}.`), body]);
