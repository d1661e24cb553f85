// Maps a delivery to changes of a head by the settings of its source: rules, preset, and a bound on the work.
import type { Mapped } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";
import { mapDelivery, mapToTraining } from "./mapping.ts";
import { MappingWork } from "./mapping-work.ts";
import { mapParts } from "./parts.ts";
import type { Payload } from "./payload.ts";
import type { Delivered } from "./places.ts";
import { type MappedHead, PRESET_BY_NAME } from "./presets.ts";
import { rulesOf, type SourceSettings } from "./source.ts";

export function whatItAsks(
  settings: SourceSettings,
  head: MappedHead,
  parsed: Payload,
  headers: Delivered["headers"],
): Mapped {
  if ("reason" in parsed) return { kind: "unmappable", reason: parsed.reason };
  try {
    return withinLabels(mapAll(settings, head, { payload: parsed.payload, headers, work: new MappingWork() }));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unmappable", reason: { code: "unmappable", detail: error.data.detail } };
  }
}

/** Refuses examples with more labels together than one transaction can store. */
function withinLabels(mapped: Mapped): Mapped {
  if (mapped.kind !== "changes") return mapped;
  const count = mapped.examples.reduce((sum, { row }) => sum + (Array.isArray(row.labels) ? row.labels.length : 0), 0);
  if (count <= LIMITS.labelsPerDelivery) return mapped;
  const detail = `The examples of the delivery have ${count} labels together; the most is ${LIMITS.labelsPerDelivery}. Send fewer examples at once`;
  return { kind: "unmappable", reason: { code: "unmappable", detail } };
}

function mapAll(settings: SourceSettings, head: MappedHead, delivered: Delivered): Mapped {
  const rules = rulesOf(settings, head);
  if (settings.action === "train") return mapToTraining(rules, delivered);
  const split = settings.preset ? PRESET_BY_NAME[settings.preset].split : undefined;
  return split ? mapParts(rules, delivered, split) : mapDelivery(rules, delivered);
}
