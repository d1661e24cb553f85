// Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): `v1` is HMAC-SHA256
// with a whsec_ secret, `v1a` Ed25519 with a whpk_ public key, both of id.timestamp.body.
import { concatBytes, fromBase64, utf8 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import {
  type Claim,
  type Signature,
  type SignatureScheme,
  type SignedRequest,
  signatureFromBase64,
  unixSeconds,
  type VerificationKey,
} from "./scheme.ts";

const PUBLIC_KEY_BYTES = 32;
/** The specification's bounds of a symmetric secret. */
const SECRET_BYTES = { min: 24, max: 64 };

export const standardWebhooks: SignatureScheme = { read, keyOf, nameOf: ({ headers }) => headers.get("webhook-id") };

function read({ headers, body }: SignedRequest): Claim | string {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  const signatures = headers.get("webhook-signature");
  if (!id || !timestamp || !signatures)
    return "It needs the headers webhook-id, webhook-timestamp and webhook-signature";
  // SECURITY: a dot would let the same signature stand for another id, time and body.
  if (id.includes(".")) return "webhook-id must hold no dot";
  const signedAt = unixSeconds(timestamp);
  if (signedAt === null) return "webhook-timestamp must be Unix seconds";
  const content = concatBytes([utf8(`${id}.${timestamp}.`), body]);
  return { content, signedAt, signatures: signaturesIn(signatures) };
}

const signaturesIn = (header: string): Signature[] =>
  header.split(" ", LIMITS.signaturesPerDelivery).flatMap((entry) => {
    if (entry.startsWith("v1,")) return signatureFromBase64(entry.slice(3), "hmac");
    return entry.startsWith("v1a,") ? signatureFromBase64(entry.slice(4), "ed25519") : [];
  });

function keyOf(secret: string): VerificationKey | string {
  if (secret.startsWith("whpk_")) {
    const bytes = fromBase64(secret.slice(5));
    if (bytes?.byteLength === PUBLIC_KEY_BYTES) return { kind: "ed25519", bytes };
    return `must hold ${PUBLIC_KEY_BYTES} bytes as base64 after whpk_`;
  }
  const { min, max } = SECRET_BYTES;
  const bytes = fromBase64(secret.replace(/^whsec_/, ""));
  if (bytes && bytes.byteLength >= min && bytes.byteLength <= max) return { kind: "hmac", bytes };
  return `must be whsec_ and ${min} to ${max} bytes as base64, or whpk_ and a public key`;
}
