// Stores the metrics of a version, with confusion matrices as text.

import { textOfMatrix } from "../core/json-text.ts";
import type { Turn } from "../core/turns.ts";
import type { Metrics, StoredMetrics } from "./metrics.ts";
import type { StoredVersion, VersionView } from "./versions.ts";

export async function storedFigures(
  { validation, test, ...rest }: VersionView["metrics"],
  turn?: Turn,
): Promise<StoredVersion["metrics"]> {
  return {
    validation: await storedMetrics(validation, turn),
    test: test && (await storedMetrics(test, turn)),
    ...rest,
  };
}

async function storedMetrics(metrics: Metrics, turn?: Turn): Promise<StoredMetrics> {
  if (!("confusion" in metrics)) return metrics;
  const { labels, matrix } = metrics.confusion;
  return { ...metrics, confusion: { labels, matrix: await textOfMatrix(matrix, turn) } };
}
