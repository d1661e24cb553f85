// Stripe's webhooks (docs.stripe.com/webhooks: "Verify webhook signatures manually"): Stripe-Signature holds t=, the time,
// and v1=, the HMAC-SHA256 of time.body, several during a rotation of the secret. Other signatures in it, such as v0, are
// ignored.
import { concatBytes, utf8 } from "../../core/bytes.ts";
import { unixSecondsMs } from "../../core/instant.ts";
import { LIMITS } from "../../core/limits.ts";
import { hmacFromHex, type SignatureClaim, type SignatureScheme, type SignedRequest } from "./scheme.ts";
import { textKeyOf } from "./text-key.ts";

const PART = /^\w+=[^ ]+$/;

export const stripe: SignatureScheme = {
  options: null,
  signs: true,
  read,
  keyOf: textKeyOf,
  nameOf: (_, payload) => eventIdIn(payload),
};

function read({ headers, body }: SignedRequest): SignatureClaim | string {
  const header = headers.get("Stripe-Signature");
  if (!header) return "It needs the header Stripe-Signature";
  const parts = header.split(",");
  if (!parts.every((part) => PART.test(part))) return "Stripe-Signature must hold name=value, with commas between";
  const times = parts.filter((part) => part.startsWith("t="));
  const time = times[0]?.slice(2) ?? "";
  const signedAt = times.length === 1 ? unixSecondsMs(time) : null;
  if (signedAt === null) return "Stripe-Signature must hold one t= with Unix seconds";
  const hexes = parts.filter((part) => part.startsWith("v1=")).map((part) => part.slice(3));
  const signatures = hexes.slice(0, LIMITS.signaturesPerDelivery).filter((hex) => hex === hex.toLowerCase());
  return {
    content: concatBytes([utf8(`${time}.`), body]),
    signedAt,
    signatures: signatures.flatMap((hex) => hmacFromHex(hex)),
  };
}

function eventIdIn(payload: unknown): string | null {
  if (payload === null || typeof payload !== "object" || !Object.hasOwn(payload, "id")) return null;
  const { id } = payload as { id: unknown };
  return typeof id === "string" ? id : null;
}
