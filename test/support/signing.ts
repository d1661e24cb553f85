// Senders of webhooks that sign as documented, with Node's crypto, independent of the service's verification.
import { createHmac, createPrivateKey, sign as signAsymmetric } from "node:crypto";

export type SignedHeaders = Record<string, string>;

export const hmac = (
  key: string | Uint8Array,
  content: string | Uint8Array,
  encoding: "hex" | "base64",
  algorithm: "sha256" | "sha512" | "sha1" = "sha256",
): string => createHmac(algorithm, key).update(content).digest(encoding);

export const seconds = (ms: number): string => String(Math.floor(ms / 1_000));

/** Standard Webhooks, symmetric. */
export function standardHeaders(
  secret: string,
  body: string,
  at = Date.now(),
  id: string = `msg_${crypto.randomUUID()}`,
) {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signature = `v1,${hmac(key, `${id}.${seconds(at)}.${body}`, "base64")}`;
  return { "webhook-id": id, "webhook-timestamp": seconds(at), "webhook-signature": signature };
}

/** The bytes before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_BEFORE = Buffer.from("302e020100300506032b657004220420", "hex");

/** Standard Webhooks, asymmetric. `seed` has the 32 bytes of the private key. */
export function standardAsymmetricHeaders(seed: Uint8Array, body: string, at = Date.now(), id = "msg_1") {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_BEFORE, seed]), format: "der", type: "pkcs8" });
  const signature = signAsymmetric(null, Buffer.from(`${id}.${seconds(at)}.${body}`), key).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds(at), "webhook-signature": `v1a,${signature}` };
}

export const githubHeaders = (secret: string, body: string, delivery: string = crypto.randomUUID()): SignedHeaders => ({
  "X-GitHub-Event": "issues",
  "X-GitHub-Delivery": delivery,
  "X-Hub-Signature-256": `sha256=${hmac(secret, body, "hex")}`,
});

export const stripeHeaders = (secret: string, body: string, at = Date.now()): SignedHeaders => ({
  "Stripe-Signature": `t=${seconds(at)},v1=${hmac(secret, `${seconds(at)}.${body}`, "hex")},v0=${"0".repeat(64)}`,
});
