// Any other sender that signs with HMAC-SHA256: where the signature stands, how it is written, and what is signed are the
// source's options. A time counts only where it is signed too.
import type { HmacOptions } from "../../contract/sources.ts";
import { concatBytes, utf8 } from "../../core/bytes.ts";
import {
  type Claim,
  hmacFromHex,
  type SignatureScheme,
  type SignedRequest,
  signatureFromBase64,
  unixSeconds,
} from "./scheme.ts";
import { textKeyOf } from "./text-key.ts";

const DEFAULT_HEADER = "X-Signature";
const BODY = "{body}";
const TIMESTAMP = "{timestamp}";

export const hmacSha256: SignatureScheme = {
  read,
  keyOf: textKeyOf,
  nameOf: ({ headers }, _, { id_header: header }) => (header === undefined ? null : headers.get(header)),
};

function read({ headers, body }: SignedRequest, options: HmacOptions): Claim | string {
  const { header: name = DEFAULT_HEADER, encoding = "hex", prefix = "" } = options;
  const header = headers.get(name);
  if (!header) return `It needs the header ${name}`;
  if (!header.startsWith(prefix)) return `${name} must begin with ${prefix}`;
  const time = timeOf(headers, options);
  if (typeof time === "string") return time;
  const text = header.slice(prefix.length);
  const signatures = encoding === "hex" ? hmacFromHex(text) : signatureFromBase64(text, "hmac");
  return { content: contentOf(body, time.text, options), signedAt: time.signedAt, signatures };
}

function timeOf(headers: Headers, options: HmacOptions): { text: string; signedAt: number | null } | string {
  const { timestamp_header: name, timestamp_format: format = "unix" } = options;
  if (name === undefined) return { text: "", signedAt: null };
  const text = headers.get(name) ?? "";
  const signedAt = format === "unix" ? unixSeconds(text) : rfc3339(text);
  if (signedAt === null)
    return `It needs the header ${name}, with ${format === "unix" ? "Unix seconds" : "an RFC 3339 time"}`;
  return { text, signedAt };
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function rfc3339(text: string): number | null {
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}

/** {body} stands at the end of what is signed, so only what is before it needs filling in. */
function contentOf(body: Uint8Array, time: string, options: HmacOptions): Uint8Array<ArrayBuffer> {
  const whole = options.timestamp_header === undefined ? BODY : `${TIMESTAMP}.${BODY}`;
  const before = (options.signed ?? whole).slice(0, -BODY.length);
  return concatBytes([utf8(before.replace(TIMESTAMP, () => time)), body]);
}

/** What is wrong with options, by field; null when they fit together. */
export function problemWithHmac({ timestamp_header: header, timestamp_format: format, signed }: HmacOptions) {
  const holdsTime = signed?.includes(TIMESTAMP) ?? header !== undefined;
  if (header !== undefined && !holdsTime)
    return { field: "signed", detail: `must hold ${TIMESTAMP}: a time that is not signed proves nothing` };
  if (header === undefined && (holdsTime || format !== undefined))
    return { field: "timestamp_header", detail: "is required where a timestamp is signed" };
  return null;
}
