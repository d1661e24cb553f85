// Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): `v1` is HMAC-SHA256
// with a whsec_ secret, `v1a` Ed25519 with a whpk_ public key, both of id.timestamp.body.
import { concatBytes, fromBase64, utf8 } from "../../core/bytes.ts";
import { unixSecondsMs } from "../../core/instant.ts";
import { LIMITS } from "../../core/limits.ts";
import {
  ed25519FromBase64,
  hmacFromBase64,
  type Signature,
  type SignatureClaim,
  type SignatureScheme,
  type SignedRequest,
  type VerificationKey,
} from "./scheme.ts";

const PUBLIC_KEY_BYTES = 32;
/** The specification's bounds of a symmetric secret. */
const SECRET_BYTES = { min: 24, max: 64 };

export const standardWebhooks: SignatureScheme = {
  options: null,
  signs: true,
  read,
  keyOf,
  nameOf: ({ headers }) => headersIn(headers).id ?? null,
};

/** Svix sends the same three headers under its own names (docs.svix.com/receiving/verifying-payloads/how-manual). */
const FAMILIES = ["webhook", "svix"] as const;

interface StandardHeaders {
  readonly id?: string;
  readonly timestamp?: string;
  readonly signatures?: string;
}

/** The headers of the first complete family. SECURITY: never mixes headers of two families. */
function headersIn(headers: Headers): StandardHeaders {
  for (const family of FAMILIES) {
    const id = headers.get(`${family}-id`);
    const timestamp = headers.get(`${family}-timestamp`);
    const signatures = headers.get(`${family}-signature`);
    if (id && timestamp && signatures) return { id, timestamp, signatures };
  }
  return {};
}

function read({ headers, body }: SignedRequest): SignatureClaim | string {
  const { id, timestamp, signatures } = headersIn(headers);
  if (!id || !timestamp || !signatures)
    return "It needs the headers webhook-id, webhook-timestamp and webhook-signature, or the same of svix-";
  // SECURITY: with a dot in the id, the same signature would also be valid for another id, time and body.
  if (id.includes(".")) return "webhook-id must hold no dot";
  const signedAt = unixSecondsMs(timestamp);
  if (signedAt === null) return "webhook-timestamp must be Unix seconds";
  const content = concatBytes([utf8(`${id}.${timestamp}.`), body]);
  return { content, signedAt, signatures: signaturesIn(signatures) };
}

const signaturesIn = (header: string): Signature[] =>
  header.split(" ", LIMITS.signaturesPerDelivery).flatMap((entry) => {
    if (entry.startsWith("v1,")) return hmacFromBase64(entry.slice(3));
    return entry.startsWith("v1a,") ? ed25519FromBase64(entry.slice(4)) : [];
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
