// Exports examples, one page per call.
import type { Page } from "../../../src/contract/common.ts";
import type { ExportedExample } from "../../../src/contract/example-rpc.ts";
import { timestamp } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import type { StoredExample } from "../../tables/example-rows.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { refreshRows } from "./refresh-features.ts";
import { formOf, inlineInput } from "./stored-inputs.ts";

/** Examples after the row `after`, oldest first. Includes vectors if the caller requests them, or if they are the input. */
export async function exportExamples(
  { store, bucket, pace, turns }: Pick<HeadTools, "store" | "bucket" | "pace" | "turns">,
  after: string | null,
  withFeatures: boolean,
): Promise<Page<ExportedExample>> {
  const { dimension } = store.config.backbone;
  const needed = withFeatures || formOf(store) === "feature";
  const limit = needed ? Math.max(1, Math.min(1_000, Math.floor(LIMITS.exportPageBytes / (4 * dimension)))) : 1_000;
  const read = () => store.examples.after(Number(after ?? 0), limit, LIMITS.exportPageBytes / 2);
  if (needed) await refreshRows(store, read, { bucket, turns: pace.turns(() => turns.interruption) });
  const rows = read();
  const vectors = needed ? store.features.vectors(rows) : new Map<string, Float32Array>();
  const data = rows.map((row) => exportedExample(store, row, vectors.get(row.digest) ?? null));
  const last = rows.at(-1);
  return { data, has_more: rows.length > 0, next: last ? String(last.seq) : null };
}

function exportedExample(store: HeadStore, row: StoredExample, vector: Float32Array | null): ExportedExample {
  const { id, text, target, split, source, digest } = row;
  const times = { created_at: timestamp(row.created_at), updated_at: timestamp(row.updated_at) };
  const input = formOf(store) === "file" && keepsInputs(store) ? null : inlineInput(store, text);
  return { id, input, ...target, split, source, digest, ...times, vector };
}
