// How a source's sender signs, or shows its token, and names its deliveries: the options of two signature schemes.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { pointer } from "./mapping.ts";

const headerName = boundedString(LIMITS.nameChars).regex(
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
  "must be the name of a header",
);

/** The name of a `name=value` part of a header, such as v1 in `t=1614265330,v1=5257…`. */
const partName = boundedString(LIMITS.signaturePrefixChars).regex(/^[A-Za-z0-9_-]+$/, "must be the name before a =");

/** How the sender names a delivery. A retry with the same name is a duplicate, though it is signed anew. */
const deliveryNames = {
  id_header: headerName.optional().openapi({
    description: "Header that names the delivery; a digest of what was signed names it unless given",
  }),
  id_pointer: pointer.optional().openapi({
    description: "JSON Pointer to the name of the delivery in the payload; used where id_header finds nothing",
  }),
};

const PLACEHOLDERS = ["{body}", "{timestamp}", "{id}"] as const;

/** Holds {body} once, {timestamp} and {id} at most once each, and no other brace. */
const isTemplate = (text: string): boolean => {
  const counts = PLACEHOLDERS.map((name) => text.split(name).length - 1);
  const rest = PLACEHOLDERS.reduce((left, name) => left.replaceAll(name, ""), text);
  return counts[0] === 1 && counts.every((count) => count <= 1) && !/[{}]/.test(rest);
};

/** How a sender of scheme hmac-sha256 signs. */
export const hmacOptions = z.strictObject({
  algorithm: z.enum(["sha256", "sha512", "sha1"]).optional().openapi({
    description:
      "Hash of the HMAC; sha256 unless given. sha1 is weaker: use it only for a sender that offers nothing better",
  }),
  header: headerName.optional().openapi({ description: "Holds the signature; X-Signature unless given" }),
  encoding: z.enum(["hex", "base64"]).optional().openapi({ description: "Of the signature; hex unless given" }),
  prefix: boundedString(LIMITS.signaturePrefixChars)
    .optional()
    .openapi({ description: "Before the signature, such as sha256=" }),
  signature_part: partName.optional().openapi({
    description:
      "The header is a list of name=value, with commas or semicolons between; signatures stand in the parts of this name",
    example: "v1",
  }),
  timestamp_header: headerName.optional().openapi({ description: "Holds when it was signed" }),
  timestamp_part: partName.optional().openapi({
    description: "The time stands in this part of the signature's header; needs signature_part",
    example: "t",
  }),
  timestamp_format: z.enum(["unix", "unix_ms", "rfc3339", "iso8601"]).optional().openapi({
    description:
      "unix: seconds; unix_ms: milliseconds; rfc3339; iso8601: also without separators or seconds, and +0000. Unless given, RFC 3339 or digits: up to 11 are seconds, more are milliseconds. Milliseconds that are signed without a separator beside {body} or {id} must be asked for",
  }),
  signed: boundedString(LIMITS.nameChars)
    .refine(isTemplate, "must hold {body} once, may hold {timestamp} and {id} once each, and no other braces")
    .optional()
    .openapi({
      description:
        "What is signed, in this order: {body} unless given, {timestamp}.{body} where there is a timestamp. {id} is what id_header holds",
      example: "{timestamp}.{body}",
    }),
  ...deliveryNames,
});
export type HmacOptions = z.infer<typeof hmacOptions>;

/** Where a sender of scheme static-token puts its token. */
export const tokenOptions = z.strictObject({
  header: headerName.optional().openapi({ description: "Holds the token; Authorization unless given" }),
  prefix: boundedString(LIMITS.signaturePrefixChars).optional().openapi({
    description: 'Before the token; "Bearer " in the header Authorization, nothing in others, unless given',
  }),
  ...deliveryNames,
});
export type TokenOptions = z.infer<typeof tokenOptions>;
