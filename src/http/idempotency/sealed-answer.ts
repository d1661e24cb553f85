// Stored responses may contain a new key, which is shown once and must not be stored. SECURITY: bodies are encrypted with a key
// derived from the caller's own key, which only the caller has: AES-GCM with HKDF (RFC 5869).
import type { StoredAnswer } from "../../contract/idempotency-rpc.ts";
import { concatBytes, utf8 } from "../../core/bytes.ts";

const NONCE_BYTES = 12;

export async function sealAnswer(answer: StoredAnswer, request: Request): Promise<StoredAnswer> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(request), answer.body);
  return { ...answer, body: concatBytes([iv, new Uint8Array(sealed)]) };
}

export async function openAnswer(answer: StoredAnswer, request: Request): Promise<StoredAnswer> {
  const iv = answer.body.slice(0, NONCE_BYTES);
  const body = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv },
    await sealingKey(request),
    answer.body.slice(NONCE_BYTES),
  );
  return { ...answer, body: new Uint8Array(body) };
}

async function sealingKey(request: Request): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", utf8(request.headers.get("Authorization") ?? ""), "HKDF", false, [
    "deriveKey",
  ]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("lastlayer stored answer") };
  return crypto.subtle.deriveKey(hkdf, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
