// Applies mapping rules to payloads, for tests.
import type { Mapped, MappingRule } from "../../src/contract/mapping.ts";
import { mapDelivery } from "../../src/webhooks/mapping.ts";
import { MappingWork } from "../../src/webhooks/mapping-work.ts";

export const map = (
  rule: MappingRule | readonly MappingRule[],
  payload: unknown,
  headers: Record<string, string> = {},
): Mapped =>
  mapDelivery(Array.isArray(rule) ? rule : [rule as MappingRule], {
    payload,
    headers: new Headers(headers),
    work: new MappingWork(),
  });
export const rowsOf = (rule: MappingRule, payload: unknown, headers: Record<string, string> = {}) => {
  const mapped = map(rule, payload, headers);
  return mapped.kind === "changes" ? mapped.examples.map(({ row }) => row) : mapped;
};
export const rowOf = (rule: MappingRule, payload: unknown, headers: Record<string, string> = {}) => {
  const rows = rowsOf(rule, payload, headers);
  return Array.isArray(rows) && rows.length === 1 ? rows[0] : rows;
};
export const deletion = (...deletes: string[]) => ({
  kind: "changes",
  examples: [],
  deletes: deletes.map((name) => ({ name })),
  deletedGroups: [],
  reason: null,
});
export const missOf = (rule: MappingRule, payload: unknown) => {
  const mapped = map(rule, payload);
  return mapped.kind === "unmappable" ? mapped.reason : mapped;
};
