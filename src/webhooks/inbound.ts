// A delivery as a source reads it: is it signed, what is it called, what does it ask for. Pure, in that order.
import type { Mapped } from "../contract/mapping.ts";
import { Fault } from "../core/problems.ts";
import { deliveryNamesOf } from "./delivery-id.ts";
import { mapDelivery, mapToTraining } from "./mapping.ts";
import { MappingWork } from "./mapping-work.ts";
import { mapParts } from "./parts.ts";
import { type Payload, parsePayload } from "./payload.ts";
import type { Delivered } from "./places.ts";
import { type HeadShape, PRESET_BY_NAME } from "./presets.ts";
import { SCHEME_BY_NAME } from "./schemes/registry.ts";
import type { SignedRequest } from "./schemes/scheme.ts";
import { type SourceSecret, validSecrets } from "./secrets.ts";
import { rulesOf, type SourceSettings, schemeOptionsOf } from "./source.ts";
import { type Refusal, refusalOf } from "./verify.ts";

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
): Promise<Identified | Refusal> {
  const scheme = SCHEME_BY_NAME[settings.scheme];
  const options = schemeOptionsOf(settings);
  const valid = validSecrets(secrets, now).map(({ secret }) => secret);
  const refusal = await refusalOf(scheme, request, valid, options, now);
  if (refusal) return refusal;
  const payload = await parsePayload(request.body);
  const parsed = "payload" in payload ? payload.payload : undefined;
  return { ...(await deliveryNamesOf(scheme, request, parsed, options)), payload };
}

/** What a delivery asks of a head by the source's settings. */
export function whatItAsks(
  settings: SourceSettings,
  head: HeadShape,
  parsed: Payload,
  headers: Delivered["headers"],
): Mapped {
  if ("reason" in parsed) return { kind: "unmappable", reason: parsed.reason };
  try {
    return mapAll(settings, head, { payload: parsed.payload, headers, work: new MappingWork() });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unmappable", reason: { code: "unmappable", detail: error.data.detail } };
  }
}

function mapAll(settings: SourceSettings, head: HeadShape, delivered: Delivered): Mapped {
  const rules = rulesOf(settings, head);
  if (settings.action === "train") return mapToTraining(rules, delivered);
  const split = settings.preset ? PRESET_BY_NAME[settings.preset].split : undefined;
  return split ? mapParts(rules, delivered, split) : mapDelivery(rules, delivered);
}

/** Failures in a row at which a source is said to be failing: once, until a delivery is taken again. */
export const startsToFail = (failures: number, threshold: number): boolean => failures === threshold;
