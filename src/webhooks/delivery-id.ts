// The id of a delivery: the sender's own id, so that both sides can refer to it, or a digest of the signed content.
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { SchemeOptions, SignatureScheme, SignedRequest } from "./schemes/scheme.ts";

/** Whether a percent-encoded path can contain the id. URLs resolve `.` and `..`. */
const isAddressable = (name: string): boolean =>
  /^[\x21-\x7e]+$/.test(name) && name.length <= LIMITS.idChars && name !== "." && name !== "..";

/** 128 bits in hex. It is stored for each delivery, so half of the digest is used; only a second preimage would do harm. */
const shortened = (digest: string): string => digest.slice(0, 32);

/** Identifies a delivery: its id, and a digest of the signed content. */
export interface DeliveryNames {
  readonly id: string;
  readonly signed: string | null;
}

/** `payload`: the parsed body of a verified request. */
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
