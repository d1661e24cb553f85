// Verifies and identifies a delivery. Nothing is parsed before the signature is verified.
import { deliveryNamesOf } from "./delivery-id.ts";
import { type Payload, parsePayload } from "./payload.ts";
import { schemeOf } from "./schemes/registry.ts";
import type { SignedRequest } from "./schemes/scheme.ts";
import { type SourceSecret, validSecrets } from "./secrets.ts";
import { type SourceSettings, schemeOptionsOf } from "./source.ts";
import { type VerificationFailure, verificationFailure } from "./verify.ts";

export interface Identified {
  /** The sender's id, or else a digest. */
  readonly id: string;
  /** Digest of the signed content, which a replay shares; null if the sender signs nothing but sends ids. */
  readonly signed: string | null;
  readonly payload: Payload;
}

/** The verified delivery, or why it is refused. Parses nothing before the signature is verified. */
export async function identify(
  settings: SourceSettings,
  secrets: readonly SourceSecret[],
  request: SignedRequest,
  now: number,
): Promise<Identified | VerificationFailure> {
  const scheme = schemeOf(settings.scheme);
  const options = schemeOptionsOf(settings);
  const valid = validSecrets(secrets, now).map(({ secret }) => secret);
  const refusal = await verificationFailure(scheme, request, valid, options, now);
  if (refusal) return refusal;
  const payload = await parsePayload(request.body);
  const parsed = "payload" in payload ? payload.payload : undefined;
  return { ...(await deliveryNamesOf(scheme, request, parsed, options)), payload };
}

/** Consecutive failures after which a source is reported as failing: once, until it accepts a delivery again. */
export const startsToFail = (failures: number, threshold: number): boolean => failures === threshold;
