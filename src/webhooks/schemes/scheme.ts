// What a signature scheme is: how one kind of sender writes down what it signed, when, and for which delivery. Reading is
// the scheme's; comparing and the clock are one function for all of them (../verify.ts).
import type { HmacOptions } from "../../contract/scheme-options.ts";
import { fromBase64, fromHex, toBase64 } from "../../core/bytes.ts";

/** A delivery as it came: nothing of its body has been looked at. */
export interface SignedRequest {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The options of a source's scheme; those of static-token are some of these. */
export type SchemeOptions = HmacOptions;

export type KeyKind = "hmac" | "ed25519" | "token";

/** A secret as its scheme uses it: an HMAC key, an Ed25519 public key (RFC 8032), or the token that must be sent. */
export interface VerificationKey {
  readonly kind: KeyKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type HmacHash = "SHA-256" | "SHA-512" | "SHA-1";

/** A signature that fits keys of one kind only: a public key must never serve as an HMAC secret. */
export type Signature =
  | { readonly kind: "hmac"; readonly hash: HmacHash; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "ed25519" | "token"; readonly bytes: Uint8Array<ArrayBuffer> };

/** What a request claims: that one of these signatures is of this content, made then. */
export interface SignatureClaim {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly signatures: readonly Signature[];
  /** Milliseconds since the epoch; null where the scheme does not say. */
  readonly signedAt: number | null;
}

export interface SignatureScheme {
  /** Whether senders sign the content. If they only show a token, a digest of the content proves nothing about a replay. */
  readonly signs: boolean;
  /** The claim of a request, or in words what it lacks. Never throws, whatever the headers hold. */
  read(request: SignedRequest, options: SchemeOptions): SignatureClaim | string;
  /** The key that a secret stands for, or in words what is wrong with the secret. */
  keyOf(secret: string): VerificationKey | string;
  /** How the sender names a delivery that is verified; null where it does not. `payload`: the parsed body. */
  nameOf(request: SignedRequest, payload: unknown, options: SchemeOptions): string | null;
}

const HMAC_BYTES: Readonly<Record<HmacHash, number>> = { "SHA-256": 32, "SHA-512": 64, "SHA-1": 20 };
const ED25519_BYTES = 64;

/** SECURITY: one way only to write each signature down, so that none passes that the sender did not write. */
export function hmacFromHex(text: string, hash: HmacHash = "SHA-256"): Signature[] {
  const bytes = text.length === 2 * HMAC_BYTES[hash] ? fromHex(text) : null;
  return bytes ? [{ kind: "hmac", hash, bytes }] : [];
}

export function hmacFromBase64(text: string, hash: HmacHash = "SHA-256"): Signature[] {
  const bytes = bytesOfBase64(text, HMAC_BYTES[hash]);
  return bytes ? [{ kind: "hmac", hash, bytes }] : [];
}

export function ed25519FromBase64(text: string): Signature[] {
  const bytes = bytesOfBase64(text, ED25519_BYTES);
  return bytes ? [{ kind: "ed25519", bytes }] : [];
}

function bytesOfBase64(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  const bytes = text.length === 4 * Math.ceil(length / 3) ? fromBase64(text) : null;
  return bytes?.byteLength === length && toBase64(bytes) === text ? bytes : null;
}
