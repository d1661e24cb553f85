// Senders that cannot sign and only send a fixed header, such as Label Studio. Weaker than every other scheme: anyone who sees
// one delivery has the secret, and neither the body nor the time is authenticated. Only sources that name it use it.
import { utf8 } from "../../core/bytes.ts";
import { nameByOptions } from "./named.ts";
import type { SchemeOptions, SignatureClaim, SignatureScheme, SignedRequest, VerificationKey } from "./scheme.ts";
import { textKeyOf } from "./text-key.ts";

const DEFAULT_HEADER = "Authorization";

export const staticToken: SignatureScheme = {
  options: { field: "token", defaultHeader: DEFAULT_HEADER, problemWith: () => null },
  signs: false,
  read,
  keyOf,
  nameOf: nameByOptions,
};

function read({ headers, body }: SignedRequest, options: SchemeOptions): SignatureClaim | string {
  const { header: name = DEFAULT_HEADER } = options;
  const { prefix = name.toLowerCase() === "authorization" ? "Bearer " : "" } = options;
  const header = headers.get(name);
  if (!header) return `It needs the header ${name}`;
  if (!header.startsWith(prefix)) return `${name} must begin with ${JSON.stringify(prefix)}`;
  const token = utf8(header.slice(prefix.length));
  return { content: body, signedAt: null, signatures: [{ kind: "token", bytes: token }] };
}

/** Printable ASCII without blanks at the ends. Headers do not preserve other bytes. */
const SENDABLE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

function keyOf(secret: string): VerificationKey | string {
  if (!SENDABLE.test(secret)) return "must be printable ASCII, without blanks at its ends: it is sent in a header";
  const key = textKeyOf(secret);
  return typeof key === "string" ? key : { kind: "token", bytes: key.bytes };
}
