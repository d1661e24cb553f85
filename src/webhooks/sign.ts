// The headers of an outgoing webhook (Standard Webhooks 1.0.0). All attempts have the same id; each has its own timestamp.
import { toBase64, utf8 } from "../core/bytes.ts";
import { keyOfSecret, signedBytes } from "../core/standard-webhooks.ts";

export interface Unsigned {
  readonly id: string;
  readonly body: string;
  /** Each secret adds a signature, in this order: after a rotation the previous secret continues to sign for a while. */
  readonly secrets: readonly string[];
}

export async function webhookHeaders({ id, body, secrets }: Unsigned, now: number): Promise<Record<string, string>> {
  const seconds = Math.floor(now / 1_000);
  const bytes = signedBytes(id, seconds, utf8(body));
  const signatures = await Promise.all(secrets.map((secret) => signatureOf(secret, bytes)));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signatures.join(" "),
  };
}

async function signatureOf(secret: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await keyOfSecret(secret), bytes);
  return `v1,${toBase64(new Uint8Array(signature))}`;
}
