// The signature schemes by the names on the wire.
import type { SchemeName } from "../../contract/sources.ts";
import { github } from "./github.ts";
import { hmacSha256 } from "./hmac-sha256.ts";
import type { SignatureScheme } from "./scheme.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { staticToken } from "./static-token.ts";
import { stripe } from "./stripe.ts";

export const SCHEME_BY_NAME: Readonly<Record<SchemeName, SignatureScheme>> = {
  "standard-webhooks": standardWebhooks,
  github,
  stripe,
  "hmac-sha256": hmacSha256,
  "static-token": staticToken,
};
