// The signature schemes by the names on the wire, one line each.
import { github } from "./github.ts";
import { hmacSha256 } from "./hmac-sha256.ts";
import type { SignatureScheme } from "./scheme.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { staticToken } from "./static-token.ts";
import { stripe } from "./stripe.ts";

export const SCHEME_BY_NAME: Readonly<Record<string, SignatureScheme>> = {
  "standard-webhooks": standardWebhooks,
  github,
  stripe,
  "hmac-sha256": hmacSha256,
  "static-token": staticToken,
};

export const findScheme = (name: string): SignatureScheme | undefined =>
  Object.hasOwn(SCHEME_BY_NAME, name) ? SCHEME_BY_NAME[name] : undefined;

/** The scheme of a stored source. */
export function schemeOf(name: string): SignatureScheme {
  const scheme = findScheme(name);
  if (!scheme) throw new Error(`There is no signature scheme "${name}"`);
  return scheme;
}
