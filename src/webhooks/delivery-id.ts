// What a delivery is called: as its sender names it, so that both speak of the same thing, or by a digest of what was signed.
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { SchemeOptions, SignatureScheme, SignedRequest } from "./schemes/scheme.ts";

/** Names that a path can lead to, percent-encoded: URLs resolve the dots. */
const isAddressable = (name: string): boolean =>
  /^[\x21-\x7e]+$/.test(name) && name.length <= LIMITS.idChars && name !== "." && name !== "..";

/** 128 bits in hex: kept once more for each delivery, so half of the digest; only a second preimage would do harm. */
const shortened = (digest: string): string => digest.slice(0, 32);

/** What tells a delivery from others: its name, and a digest of what was signed. */
export interface DeliveryNames {
  readonly id: string;
  readonly signed: string | null;
}

/** `payload`: the parsed body, of a request that is verified. */
export async function deliveryNamesOf(
  scheme: SignatureScheme,
  request: SignedRequest,
  payload: unknown,
  options: SchemeOptions,
): Promise<DeliveryNames> {
  const claim = scheme.read(request, options);
  const digest = await sha256Hex(typeof claim === "string" ? request.body : claim.content);
  const name = scheme.nameOf(request, payload, options) || null;
  if (name === null) return { id: `sha256-${digest}`, signed: shortened(digest) };
  const id = isAddressable(name) ? name : `sha256-${await sha256Hex(utf8(name))}`;
  return { id, signed: scheme.signs ? shortened(digest) : null };
}
