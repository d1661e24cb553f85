// Whether a delivery is from who holds the secret: over its raw bytes, before anything is parsed. A pure function of request,
// secrets and clock; the same for every scheme.
import type { HmacOptions } from "../contract/sources.ts";
import { LIMITS } from "../core/limits.ts";
import type { Claim, Signature, SignatureScheme, SignedRequest, VerificationKey } from "./schemes/scheme.ts";

const TOLERANCE_MS = LIMITS.hookToleranceSeconds * 1_000;

export interface Refusal {
  readonly code: "bad_signature" | "stale_timestamp";
  readonly detail: string;
}

/** null when one of `secrets` signed `request` no more than five minutes from `now` (ms); never throws. */
export async function refusalOf(
  scheme: SignatureScheme,
  request: SignedRequest,
  secrets: readonly string[],
  options: HmacOptions,
  now: number,
): Promise<Refusal | null> {
  const claim = scheme.read(request, options);
  if (typeof claim === "string") return { code: "bad_signature", detail: claim };
  const keys = secrets.map((secret) => scheme.keyOf(secret)).filter((key) => typeof key !== "string");
  if (!(await isSigned(claim, keys))) {
    return { code: "bad_signature", detail: "No signature of the delivery is of its body by a secret of this source" };
  }
  // Asked this way round, NaN would be refused too.
  if (claim.signedAt === null || Math.abs(now - claim.signedAt) <= TOLERANCE_MS) return null;
  const detail = `The delivery was signed more than ${LIMITS.hookToleranceSeconds} seconds from now; sign it when it is sent`;
  return { code: "stale_timestamp", detail };
}

async function isSigned({ content, signatures }: Claim, keys: readonly VerificationKey[]): Promise<boolean> {
  for (const key of keys) {
    for (const signature of signatures) {
      if (signature.kind === key.kind && (await fits(key, signature, content))) return true;
    }
  }
  return false;
}

const ALGORITHMS = { hmac: { name: "HMAC", hash: "SHA-256" }, ed25519: { name: "Ed25519" } } as const;

/** SECURITY: WebCrypto compares in constant time. A public key that is no point of the curve fits nothing. */
async function fits({ kind, bytes }: VerificationKey, signature: Signature, content: Uint8Array<ArrayBuffer>) {
  const algorithm = ALGORITHMS[kind];
  try {
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm.name, key, signature.bytes, content);
  } catch {
    return false;
  }
}
