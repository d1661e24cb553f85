// Defines a signature scheme: how one kind of sender states what it signed, when, and for which delivery. A scheme only reads.
// One function compares signatures and times for all schemes (../verify.ts).
import type { HmacOptions } from "../../contract/scheme-options.ts";
import { fromBase64, fromHex, toBase64 } from "../../core/bytes.ts";

/** A delivery as received. Its body has not been parsed. */
export interface SignedRequest {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The options of a source's scheme; static-token has some of these. */
export type SchemeOptions = HmacOptions;

export type KeyKind = "hmac" | "ed25519" | "token";

/** A secret in the form that its scheme uses: an HMAC key, an Ed25519 public key (RFC 8032), or the expected token. */
export interface VerificationKey {
  readonly kind: KeyKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type HmacHash = "SHA-256" | "SHA-512" | "SHA-1";

/** A signature can be verified only with a key of its kind: a public key must never serve as an HMAC secret. */
export type Signature =
  | { readonly kind: "hmac"; readonly hash: HmacHash; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "ed25519" | "token"; readonly bytes: Uint8Array<ArrayBuffer> };

/** The claim of a request: at `signedAt`, one of these signatures was made of this content. */
export interface SignatureClaim {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly signatures: readonly Signature[];
  /** Milliseconds since the epoch; null if the scheme has no timestamp. */
  readonly signedAt: number | null;
}

export interface OptionProblem {
  readonly field: string;
  readonly detail: string;
}

/** The options that a source may set for its scheme. */
export interface SchemeOptionRules {
  /** The field of the source's settings. */
  readonly field: "hmac" | "token";
  /** The header with the signature or token, unless the options name another. */
  readonly defaultHeader: string;
  /** The first problem with the options; null if there is none. */
  problemWith(options: SchemeOptions): OptionProblem | null;
}

export interface SignatureScheme {
  /** null if the scheme has no options. */
  readonly options: SchemeOptionRules | null;
  /** Whether senders sign the content. If they only send a token, a digest of the content cannot detect a replay. */
  readonly signs: boolean;
  /** The claim of a request, or what is missing, in words. Never throws, for any headers. */
  read(request: SignedRequest, options: SchemeOptions): SignatureClaim | string;
  /** The key that a secret encodes, or the problem with the secret, in words. */
  keyOf(secret: string): VerificationKey | string;
  /** The sender's id of a verified delivery; null if it has none. `payload`: the parsed body. */
  nameOf(request: SignedRequest, payload: unknown, options: SchemeOptions): string | null;
}

const HMAC_BYTES: Readonly<Record<HmacHash, number>> = { "SHA-256": 32, "SHA-512": 64, "SHA-1": 20 };
const ED25519_BYTES = 64;

/** SECURITY: accepts only one spelling of each signature, so that no spelling passes that the sender did not write. */
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
