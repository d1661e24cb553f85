// Any other sender that signs with an HMAC. The source's options say where the signature is, how it is encoded, and what is
// signed. A timestamp counts only if it is signed too.
import type { HmacOptions } from "../../contract/scheme-options.ts";
import { concatBytes, utf8 } from "../../core/bytes.ts";
import { iso8601Ms, rfc3339Ms, unixMs, unixSecondsMs } from "../../core/instant.ts";
import { LIMITS } from "../../core/limits.ts";
import { nameByOptions } from "./named.ts";
import {
  type HmacHash,
  hmacFromBase64,
  hmacFromHex,
  type OptionProblem,
  type Signature,
  type SignatureClaim,
  type SignatureScheme,
  type SignedRequest,
} from "./scheme.ts";
import { textKeyOf } from "./text-key.ts";

const DEFAULT_HEADER = "X-Signature";

export const hmacSha256: SignatureScheme = {
  options: { field: "hmac", defaultHeader: DEFAULT_HEADER, problemWith: (options) => problemWithHmac(options) },
  signs: true,
  read,
  keyOf: textKeyOf,
  nameOf: nameByOptions,
};

function read({ headers, body }: SignedRequest, options: HmacOptions): SignatureClaim | string {
  const { header: name = DEFAULT_HEADER } = options;
  const header = headers.get(name);
  if (!header) return `It needs the header ${name}`;
  const signatures = signaturesIn(header, name, options);
  if (typeof signatures === "string") return signatures;
  const time = timeOf(header, headers, options);
  if (typeof time === "string") return time;
  const id = idOf(headers, options);
  if (id === null) return `It needs the header ${options.id_header}, which is signed`;
  return { content: contentOf({ body, timestamp: time.text, id }, options), signedAt: time.signedAt, signatures };
}

/** The signatures in a header, or what is missing, in words. */
function signaturesIn(header: string, name: string, options: HmacOptions): Signature[] | string {
  const { prefix = "", signature_part: part } = options;
  if (part !== undefined) {
    const texts = partsOf(header, part);
    if (texts.length === 0) return `${name} must hold ${part}=`;
    return texts.slice(0, LIMITS.signaturesPerDelivery).flatMap((text) => decoded(text, options));
  }
  if (!header.startsWith(prefix)) return `${name} must begin with ${prefix}`;
  return decoded(header.slice(prefix.length), options);
}

const PART = /^[A-Za-z0-9_-]+=\S+$/;

/** All values after `name=` in a list that is separated by commas or semicolons; none if it is not a list. */
function partsOf(header: string, name: string): string[] {
  const parts = header.split(/[,;] ?/);
  if (!parts.every((part) => PART.test(part))) return [];
  return parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
}

const HASHES = { sha256: "SHA-256", sha512: "SHA-512", sha1: "SHA-1" } as const satisfies Record<string, HmacHash>;

function decoded(text: string, { encoding = "hex", algorithm = "sha256" }: HmacOptions): Signature[] {
  const hash = HASHES[algorithm];
  return encoding === "hex" ? hmacFromHex(text, hash) : hmacFromBase64(text, hash);
}

const TIMES = {
  unix: { read: unixSecondsMs, what: "Unix seconds" },
  unix_ms: { read: unixMs, what: "Unix milliseconds" },
  rfc3339: { read: rfc3339Ms, what: "an RFC 3339 time" },
  iso8601: { read: (text: string) => iso8601Ms(text), what: "an ISO 8601 time with its zone" },
} as const satisfies Record<string, TimeReader>;

interface TimeReader {
  readonly read: (text: string) => number | null;
  readonly what: string;
}

const SECONDS: TimeReader = {
  read: (text) => rfc3339Ms(text) ?? unixSecondsMs(text),
  what: "Unix seconds or an RFC 3339 time",
};
const MOST_SECONDS_DIGITS = 11;
const ANY: TimeReader = {
  read: (text) => rfc3339Ms(text) ?? (text.length > MOST_SECONDS_DIGITS ? unixMs(text) : unixSecondsMs(text)),
  what: "Unix seconds or milliseconds, or an RFC 3339 time",
};

/**
 * SECURITY: without a separator between the time and its neighbour, digits of a body could turn seconds into milliseconds. So the
 * source must state the unit.
 */
function timeReaderOf(options: HmacOptions): TimeReader {
  if (options.timestamp_format !== undefined) return TIMES[options.timestamp_format];
  return /\}\{timestamp\}|\{timestamp\}\{/.test(templateOf(options)) ? SECONDS : ANY;
}

function timeOf(
  signature: string,
  headers: Headers,
  options: HmacOptions,
): { text: string; signedAt: number | null } | string {
  const { timestamp_header: name, timestamp_part: part } = options;
  if (name === undefined && part === undefined) return { text: "", signedAt: null };
  const texts = part === undefined ? [headers.get(name as string) ?? ""] : partsOf(signature, part);
  const [text = ""] = texts;
  const { read: readTime, what } = timeReaderOf(options);
  const signedAt = texts.length === 1 ? readTime(text) : null;
  if (signedAt === null) return `It needs ${part === undefined ? `the header ${name}` : `one ${part}=`}, with ${what}`;
  return { text, signedAt };
}

/** The value of {id} in the signed content; null if {id} is signed and the header is missing. */
function idOf(headers: Headers, { signed, id_header: header }: HmacOptions): string | null {
  if (header === undefined || !signed?.includes("{id}")) return "";
  return headers.get(header) || null;
}

interface Parts {
  readonly body: Uint8Array;
  readonly timestamp: string;
  readonly id: string;
}

function contentOf({ body, timestamp, id }: Parts, options: HmacOptions): Uint8Array<ArrayBuffer> {
  const pieces = templateOf(options).split(/(\{body\}|\{timestamp\}|\{id\})/);
  const values: Readonly<Record<string, Uint8Array>> = {
    "{body}": body,
    "{timestamp}": utf8(timestamp),
    "{id}": utf8(id),
  };
  return concatBytes(pieces.map((piece) => values[piece] ?? utf8(piece)));
}

const hasTime = ({ timestamp_header: header, timestamp_part: part }: HmacOptions): boolean =>
  header !== undefined || part !== undefined;

const templateOf = (options: HmacOptions): string =>
  options.signed ?? (hasTime(options) ? "{timestamp}.{body}" : "{body}");

function problemWithHmac(options: HmacOptions): OptionProblem | null {
  const template = templateOf(options);
  const signsTime = template.includes("{timestamp}");
  if (options.timestamp_header !== undefined && options.timestamp_part !== undefined)
    return {
      field: "timestamp_part",
      detail: "must not be given beside timestamp_header: the time stands in one place",
    };
  if (options.timestamp_part !== undefined && options.signature_part === undefined)
    return { field: "signature_part", detail: "is required beside timestamp_part: both are parts of one header" };
  if (options.signature_part !== undefined && options.prefix !== undefined)
    return { field: "prefix", detail: "must not be given beside signature_part: parts have no prefix" };
  if (hasTime(options) && !signsTime)
    return { field: "signed", detail: "must hold {timestamp}: a time that is not signed proves nothing" };
  if (!hasTime(options) && (signsTime || options.timestamp_format !== undefined))
    return { field: "timestamp_header", detail: "is required where a timestamp is signed" };
  if (template.includes("{id}") && options.id_header === undefined)
    return { field: "id_header", detail: "is required where {id} is signed" };
  return null;
}
