// Shared by senders and receivers of webhooks (Standard Webhooks 1.0.0): secrets, their keys, and the signed text.
import { concatBytes, fromBase64, toBase64, utf8 } from "./bytes.ts";
import type { RandomBytes } from "./ids.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret: `whsec_` and 32 random bytes in base64. */
export const makeWebhookSecret = (random: RandomBytes): string => PREFIX + toBase64(random(SECRET_BYTES));

/** The HMAC-SHA256 key of a secret, with or without its prefix. Throws if the secret is empty or not base64. */
export function keyOfSecret(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes || bytes.length === 0)
    throw new Error("A webhook secret must be base64, with or without the prefix whsec_");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** `id.timestamp.body`, with the unchanged bytes of the body. */
export const signedBytes = (id: string, seconds: number | string, body: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes([utf8(`${id}.${seconds}.`), body]);
