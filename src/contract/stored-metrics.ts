// Stores the metrics of a version, with confusion matrices as text.
import { textOfMatrix } from "../core/json-text.ts";
import type { Turns } from "../core/turns.ts";
import type { Metrics, StoredMetrics } from "./metrics.ts";
import type { StoredVersion, VersionView } from "./versions.ts";

export async function storedFigures(
  { validation, test, ...rest }: VersionView["metrics"],
  turns?: Turns,
): Promise<StoredVersion["metrics"]> {
  return {
    validation: await storedMetrics(validation, turns),
    test: test && (await storedMetrics(test, turns)),
    ...rest,
  };
}

async function storedMetrics(metrics: Metrics, turns?: Turns): Promise<StoredMetrics> {
  if (!("confusion" in metrics)) return metrics;
  const { labels, matrix } = metrics.confusion;
  return { ...metrics, confusion: { labels, matrix: await textOfMatrix(matrix, turns) } };
}
