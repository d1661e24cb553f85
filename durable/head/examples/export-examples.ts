// Exports examples, one page per call.
import type { Page } from "../../../src/contract/common.ts";
import type { ExportedExample } from "../../../src/contract/rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { viewOfExample } from "../../tables/examples.ts";
import type { HeadTools } from "../tools.ts";
import { refreshRows } from "./refresh-features.ts";

/** Examples after the row `after`, oldest first. Includes vectors where the caller asks for them or where they are the input. */
export async function exportExamples(
  { store, pace, isCurrent }: Pick<HeadTools, "store" | "pace" | "isCurrent">,
  after: string | null,
  withFeatures: boolean,
): Promise<Page<ExportedExample>> {
  const { dimension } = store.config.backbone;
  // An input without a text is its own vector. The backbone is not asked: an export works without it.
  const needed = withFeatures || store.examples.after(Number(after ?? 0), 1, 1)[0]?.text === null;
  const limit = needed ? Math.max(1, Math.min(1_000, Math.floor(LIMITS.exportPageBytes / (4 * dimension)))) : 1_000;
  const read = () => store.examples.after(Number(after ?? 0), limit, LIMITS.exportPageBytes / 2);
  if (needed) await refreshRows(store, read, { turn: () => pace.turn(), isCurrent });
  const rows = read();
  const vectors = needed ? store.features.vectors(rows) : new Map<string, Float32Array>();
  const data = rows.map((row) => ({ ...viewOfExample(row), vector: vectors.get(row.digest) ?? null }));
  const last = rows.at(-1);
  return { data, has_more: rows.length > 0, next: last ? String(last.seq) : null };
}
