// How a source's sender signs, or presents its token, and identifies its deliveries: the options of two signature schemes.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { HEADER_NAME, pointer } from "./mapping.ts";

const headerName = boundedString(LIMITS.nameChars).regex(
  new RegExp(`^${HEADER_NAME}$`),
  "must be the name of a header",
);

/** The name of a `name=value` part of a header, such as v1 in `t=1614265330,v1=5257…`. */
const partName = boundedString(LIMITS.signaturePrefixChars).regex(
  /^[A-Za-z0-9_-]+$/,
  "must be the name of a name=value part",
);

/** How the sender identifies a delivery. A retry with the same id is a duplicate, even if it is signed again. */
const deliveryNames = {
  id_header: headerName.optional().openapi({
    description: "Header with the delivery's id; default: a digest of the signed content",
  }),
  id_pointer: pointer.optional().openapi({
    description: "JSON Pointer to the delivery's id in the payload; used if id_header is absent or empty",
  }),
};

const PLACEHOLDERS = ["{body}", "{timestamp}", "{id}"] as const;

/** Contains {body} once, {timestamp} and {id} at most once each, and no other braces. */
const isTemplate = (text: string): boolean => {
  const counts = PLACEHOLDERS.map((name) => text.split(name).length - 1);
  const rest = PLACEHOLDERS.reduce((left, name) => left.replaceAll(name, ""), text);
  return counts[0] === 1 && counts.every((count) => count <= 1) && !/[{}]/.test(rest);
};

/** How a sender with the scheme hmac-sha256 signs. */
export const hmacOptions = z.strictObject({
  algorithm: z.enum(["sha256", "sha512", "sha1"]).optional().openapi({
    description: "Hash of the HMAC; default sha256. sha1 is weaker: use it only if the sender offers nothing better",
  }),
  header: headerName.optional().openapi({ description: "Header with the signature; default X-Signature" }),
  encoding: z.enum(["hex", "base64"]).optional().openapi({ description: "Encoding of the signature; default hex" }),
  prefix: boundedString(LIMITS.signaturePrefixChars)
    .optional()
    .openapi({ description: "Text before the signature, such as sha256=" }),
  signature_part: partName.optional().openapi({
    description:
      "If the header is a list of name=value separated by commas or semicolons: the name of the parts with signatures",
    example: "v1",
  }),
  timestamp_header: headerName.optional().openapi({ description: "Header with the time of signing" }),
  timestamp_part: partName.optional().openapi({
    description: "Name of the part of the signature header with the time; needs signature_part",
    example: "t",
  }),
  timestamp_format: z.enum(["unix", "unix_ms", "rfc3339", "iso8601"]).optional().openapi({
    description:
      "unix: seconds; unix_ms: milliseconds; rfc3339; iso8601: also without separators or seconds, and +0000. Default: RFC 3339 or digits, of which up to 11 are seconds and more are milliseconds. Milliseconds that are signed next to {body} or {id} without a separator need unix_ms",
  }),
  signed: boundedString(LIMITS.nameChars)
    .refine(isTemplate, "must contain {body} once, at most one {timestamp} and one {id}, and no other braces")
    .optional()
    .openapi({
      description:
        "The signed text; default {body}, or {timestamp}.{body} if there is a timestamp. {id} is the value of id_header",
      example: "{timestamp}.{body}",
    }),
  ...deliveryNames,
});
export type HmacOptions = z.infer<typeof hmacOptions>;

/** Where a sender with the scheme static-token puts its token. */
export const tokenOptions = z.strictObject({
  header: headerName.optional().openapi({ description: "Header with the token; default Authorization" }),
  prefix: boundedString(LIMITS.signaturePrefixChars).optional().openapi({
    description: 'Text before the token; default "Bearer " in the header Authorization, nothing in others',
  }),
  ...deliveryNames,
});
export type TokenOptions = z.infer<typeof tokenOptions>;
