// What a delivery is called: as its sender names it, so that both speak of the same thing, or by a digest of what was signed.
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { SchemeOptions, SignatureScheme, SignedRequest } from "./schemes/scheme.ts";

/** Names that a path can lead to, percent-encoded: URLs resolve the dots. */
const isAddressable = (name: string): boolean =>
  /^[\x21-\x7e]+$/.test(name) && name.length <= LIMITS.idChars && name !== "." && name !== "..";

/** `payload`: the parsed body, of a request that is verified. */
export async function deliveryIdOf(
  scheme: SignatureScheme,
  request: SignedRequest,
  payload: unknown,
  options: SchemeOptions,
): Promise<string> {
  const name = scheme.nameOf(request, payload, options);
  if (name !== null && isAddressable(name)) return name;
  const claim = scheme.read(request, options);
  const signed = typeof claim === "string" ? request.body : claim.content;
  return `sha256-${await sha256Hex(name === null || name === "" ? signed : utf8(name))}`;
}
