// Verifies that the sender of a delivery has the secret: over the raw bytes, before anything is parsed. A pure function of
// request, secrets and clock, the same for every scheme.
import { LIMITS } from "../core/limits.ts";
import type {
  SchemeOptions,
  Signature,
  SignatureClaim,
  SignatureScheme,
  SignedRequest,
  VerificationKey,
} from "./schemes/scheme.ts";

const TOLERANCE_MS = LIMITS.hookToleranceSeconds * 1_000;

export interface VerificationFailure {
  readonly code: "bad_signature" | "stale_timestamp";
  readonly detail: string;
}

/** null if one of `secrets` signed `request` at most five minutes from `now` (ms). Never throws. */
export async function verificationFailure(
  scheme: SignatureScheme,
  request: SignedRequest,
  secrets: readonly string[],
  options: SchemeOptions,
  now: number,
): Promise<VerificationFailure | null> {
  const claim = scheme.read(request, options);
  if (typeof claim === "string") return { code: "bad_signature", detail: claim };
  const keys = secrets.map((secret) => scheme.keyOf(secret)).filter((key) => typeof key !== "string");
  if (!(await isSigned(claim, keys))) {
    return { code: "bad_signature", detail: scheme.signs ? NOT_SIGNED : NOT_THE_TOKEN };
  }
  // This form of the comparison also refuses NaN.
  if (claim.signedAt === null || Math.abs(now - claim.signedAt) <= TOLERANCE_MS) return null;
  const detail = `The delivery was signed more than ${LIMITS.hookToleranceSeconds} seconds from now; sign it when it is sent`;
  return { code: "stale_timestamp", detail };
}

const NOT_SIGNED = "No signature of the delivery is of its body by a secret of this source";
const NOT_THE_TOKEN = "The token of the delivery is not a secret of this source";

async function isSigned({ content, signatures }: SignatureClaim, keys: readonly VerificationKey[]): Promise<boolean> {
  for (const key of keys) {
    for (const signature of signatures) {
      if (signature.kind === key.kind && (await fits(key, signature, content))) return true;
    }
  }
  return false;
}

/** SECURITY: compares in constant time. A public key that is not a point of the curve verifies nothing. */
async function fits({ bytes }: VerificationKey, signature: Signature, content: Uint8Array<ArrayBuffer>) {
  if (signature.kind === "token") return isSameToken(bytes, signature.bytes);
  const algorithm = signature.kind === "hmac" ? { name: "HMAC", hash: signature.hash } : { name: "Ed25519" };
  try {
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm.name, key, signature.bytes, content);
  } catch {
    return false;
  }
}

/** Compares digests: they have one length for all tokens, and the position of a difference reveals nothing. */
async function isSameToken(secret: Uint8Array<ArrayBuffer>, token: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const [a, b] = await Promise.all([secret, token].map((bytes) => crypto.subtle.digest("SHA-256", bytes)));
  const [ours, theirs] = [new Uint8Array(a as ArrayBuffer), new Uint8Array(b as ArrayBuffer)];
  let difference = 0;
  for (let i = 0; i < ours.length; i++) difference |= (ours[i] as number) ^ (theirs[i] as number);
  return difference === 0;
}
