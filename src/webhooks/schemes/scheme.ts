// What a signature scheme is: how one kind of sender writes down what it signed, when, and for which delivery. Reading is
// the scheme's; comparing and the clock are one function for all of them (../verify.ts).
import type { HmacOptions } from "../../contract/sources.ts";
import { fromBase64, fromHex, toBase64 } from "../../core/bytes.ts";

/** A delivery as it came: nothing of its body has been looked at. */
export interface SignedRequest {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type KeyKind = "hmac" | "ed25519";

/** A secret as its scheme uses it: HMAC-SHA256 with these bytes, or an Ed25519 public key (RFC 8032). */
export interface VerificationKey {
  readonly kind: KeyKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A signature that fits keys of one kind only: a public key must never serve as an HMAC secret. */
export interface Signature {
  readonly kind: KeyKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a request claims: that one of these signatures is of this content, made then. */
export interface Claim {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly signatures: readonly Signature[];
  /** Milliseconds since the epoch; null where the scheme does not say. */
  readonly signedAt: number | null;
}

export interface SignatureScheme {
  /** The claim of a request, or in words what it lacks. Never throws, whatever the headers hold. */
  read(request: SignedRequest, options: HmacOptions): Claim | string;
  /** The key that a secret stands for, or in words what is wrong with the secret. */
  keyOf(secret: string): VerificationKey | string;
  /** How the sender names a delivery that is verified; null where it does not. `payload`: the parsed body. */
  nameOf(request: SignedRequest, payload: unknown, options: HmacOptions): string | null;
}

const HMAC_BYTES = 32;

/** SECURITY: one way only to write each signature down, so that none passes that the sender did not write. */
export function hmacFromHex(text: string): Signature[] {
  const bytes = text.length === 2 * HMAC_BYTES ? fromHex(text) : null;
  return bytes ? [{ kind: "hmac", bytes }] : [];
}

export function signatureFromBase64(text: string, kind: KeyKind): Signature[] {
  const length = kind === "hmac" ? HMAC_BYTES : 2 * HMAC_BYTES;
  const bytes = text.length === 4 * Math.ceil(length / 3) ? fromBase64(text) : null;
  return bytes?.byteLength === length && toBase64(bytes) === text ? [{ kind, bytes }] : [];
}

/** Milliseconds since the epoch of Unix seconds written as digits; null for anything else, such as NaN, 1e9 or blanks. */
export const unixSeconds = (text: string): number | null => (/^\d{1,12}$/.test(text) ? Number(text) * 1_000 : null);
