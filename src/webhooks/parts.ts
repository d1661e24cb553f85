// Deliveries that hold several events: each is mapped by itself, and what they ask for is one change.
import type { DeliveryReason, Mapped, MappedChanges, MappingRule } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { mapDelivery } from "./mapping.ts";
import type { Delivered } from "./places.ts";

/** One event of a delivery. */
export interface PayloadPart {
  /** What stands in place of fields of the payload, of the same names in every part; null: the payload is the part. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Where a pointer into the part leads in the whole payload. */
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

/** Maps parts one after the other. One copy of the payload serves them all: a payload may have as many fields as values. */
function partMapper(rules: readonly MappingRule[], delivered: Delivered): (part: PayloadPart) => Mapped {
  const shared = { ...(delivered.payload as object) };
  return ({ fields }) => {
    const payload = fields === null ? delivered.payload : Object.assign(shared, fields);
    return mapDelivery(rules, { ...delivered, payload });
  };
}

/** Pointers of a part's reason, as pointers into the whole payload. */
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
