// GitHub's webhooks (docs.github.com: "Validating webhook deliveries"): HMAC-SHA256 of the body as X-Hub-Signature-256.
// They have no timestamp, so only the id of a delivery keeps it from taking effect twice.
import { hmacFromHex, type SignatureClaim, type SignatureScheme, type SignedRequest } from "./scheme.ts";
import { textKeyOf } from "./text-key.ts";

const PREFIX = "sha256=";

export const github: SignatureScheme = {
  options: null,
  signs: true,
  read,
  keyOf: textKeyOf,
  nameOf: ({ headers }) => headers.get("X-GitHub-Delivery"),
};

function read({ headers, body }: SignedRequest): SignatureClaim | string {
  const header = headers.get("X-Hub-Signature-256");
  if (!header) return "It needs the header X-Hub-Signature-256";
  if (!header.startsWith(PREFIX)) return `X-Hub-Signature-256 must begin with ${PREFIX}`;
  const hex = header.slice(PREFIX.length);
  return { content: body, signedAt: null, signatures: hex === hex.toLowerCase() ? hmacFromHex(hex) : [] };
}
