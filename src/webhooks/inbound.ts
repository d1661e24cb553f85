// Verifies a delivery and gives it its names. Nothing is parsed before the signature is verified.
import { deliveryNamesOf } from "./delivery-id.ts";
import { type Payload, parsePayload } from "./payload.ts";
import { SCHEME_BY_NAME } from "./schemes/registry.ts";
import type { SignedRequest } from "./schemes/scheme.ts";
import { type SourceSecret, validSecrets } from "./secrets.ts";
import { type SourceSettings, schemeOptionsOf } from "./source.ts";
import { type VerificationFailure, verificationFailure } from "./verify.ts";

export interface Identified {
  /** As the sender names it, else a digest. */
  readonly id: string;
  /** Digest of what was signed, which a replay shares; null where the sender signs nothing but names its deliveries. */
  readonly signed: string | null;
  readonly payload: Payload;
}

/** The delivery, of which nothing is parsed before its signature is found to fit; or why it is refused. */
export async function identify(
  settings: SourceSettings,
  secrets: readonly SourceSecret[],
  request: SignedRequest,
  now: number,
): Promise<Identified | VerificationFailure> {
  const scheme = SCHEME_BY_NAME[settings.scheme];
  const options = schemeOptionsOf(settings);
  const valid = validSecrets(secrets, now).map(({ secret }) => secret);
  const refusal = await verificationFailure(scheme, request, valid, options, now);
  if (refusal) return refusal;
  const payload = await parsePayload(request.body);
  const parsed = "payload" in payload ? payload.payload : undefined;
  return { ...(await deliveryNamesOf(scheme, request, parsed, options)), payload };
}

/** Failures in a row at which a source is said to be failing: once, until a delivery is taken again. */
export const startsToFail = (failures: number, threshold: number): boolean => failures === threshold;
