// Deliveries with several events: each event is mapped separately, and the results are one change.
import type { DeliveryReason, Mapped, MappedChanges, MappingRule } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { mapDelivery } from "./mapping.ts";
import type { Delivered } from "./places.ts";

/** One event of a delivery. */
export interface PayloadPart {
  /** Values that replace fields of the payload; every part has the same names. null: the payload itself is the part. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Converts a pointer into the part to a pointer into the whole payload. */
  readonly at: (pointer: string) => string;
}

export type SplitPayload = (delivered: Delivered) => readonly PayloadPart[];

export function mapParts(rules: readonly MappingRule[], delivered: Delivered, split: SplitPayload): Mapped {
  const parts = split(delivered);
  if (parts.length > LIMITS.examplesPerDelivery) return { kind: "unmappable", reason: tooMany(parts.length) };
  const mapPart = partMapper(rules, delivered);
  const all = parts.map((part) => moved(mapPart(part), part));
  const changes = all.filter(({ kind }) => kind === "changes") as readonly MappedChanges[];
  const unmappable = all.filter(({ kind }) => kind === "unmappable") as readonly { readonly reason: DeliveryReason }[];
  const [failed] = unmappable;
  if (changes.length === 0) return (failed as Mapped | undefined) ?? (all[0] as Mapped);
  return {
    kind: "changes",
    examples: changes.flatMap(({ examples }) => examples),
    deletes: changes.flatMap(({ deletes }) => deletes),
    deletedGroups: changes.flatMap(({ deletedGroups }) => deletedGroups),
    reason: failed ? partly(failed.reason, unmappable.length, all.length) : null,
  };
}

/** Maps the parts in order. All use one copy of the payload, because a payload may have very many fields. */
function partMapper(rules: readonly MappingRule[], delivered: Delivered): (part: PayloadPart) => Mapped {
  const shared = { ...(delivered.payload as object) };
  return ({ fields }) => {
    const payload = fields === null ? delivered.payload : Object.assign(shared, fields);
    return mapDelivery(rules, { ...delivered, payload });
  };
}

/** Converts the pointers of a part's reason to pointers into the whole payload. */
function moved(mapped: Mapped, { at }: PayloadPart): Mapped {
  if (mapped.kind === "train" || !mapped.reason?.pointer) return mapped;
  const { pointer, detail } = mapped.reason;
  const moved = at(pointer);
  return { ...mapped, reason: { ...mapped.reason, pointer: moved, detail: detail.replace(pointer, () => moved) } };
}

const tooMany = (count: number): DeliveryReason => ({
  code: "unmappable",
  detail: `The delivery holds ${count} events; the most is ${LIMITS.examplesPerDelivery}`,
});

const partly = (reason: DeliveryReason, count: number, of: number): DeliveryReason => ({
  ...reason,
  code: "partly_unmappable",
  detail: `${count} of ${of} events of the delivery were left out. ${reason.detail}`,
});
