// The stored record of a version: JSON in which confusion matrices stay text.
import type { StoredVersion } from "../../src/contract/versions.ts";
import { jsonText } from "../../src/core/json-text.ts";

/** A version without its number and without fields that may change. */
export type VersionRecord = Omit<StoredVersion, "version" | "live" | "left_out"> & {
  readonly left_out?: StoredVersion["left_out"] | undefined;
};

/** Inside a string, the quotes would be escaped. */
const [FIELD, BEGIN, END] = ['"matrix":', "[[", "]]"] as const;

/** Parses a record without its matrices, which make up nearly all of its length. */
export function recordOfText(text: string): VersionRecord {
  const matrices: string[] = [];
  const around: string[] = [];
  let from = 0;
  for (let at = text.indexOf(FIELD + BEGIN); at >= 0; at = text.indexOf(FIELD + BEGIN, from)) {
    const start = at + FIELD.length;
    const end = text.indexOf(END, start) + END.length;
    around.push(text.slice(from, start), String(matrices.length));
    matrices.push(text.slice(start, end));
    from = end;
  }
  const record = JSON.parse(`${around.join("")}${text.slice(from)}`) as VersionRecord;
  return { ...record, metrics: withMatrices(record.metrics, matrices) };
}

type Figures = VersionRecord["metrics"];

/** `matrices`: by the numbers that replace them. */
function withMatrices(metrics: Figures, matrices: readonly string[]): Figures {
  const own = { ...metrics, validation: withMatrix(metrics.validation, matrices) };
  return metrics.test ? { ...own, test: withMatrix(metrics.test, matrices) } : own;
}

function withMatrix(metrics: Figures["validation"], matrices: readonly string[]): Figures["validation"] {
  if (!("confusion" in metrics)) return metrics;
  const { labels, matrix } = metrics.confusion as { labels: string[]; matrix: unknown };
  const text = typeof matrix === "number" ? (matrices[matrix] as string) : JSON.stringify(matrix); // without labels: []
  return { ...metrics, confusion: { labels, matrix: jsonText(text) } };
}
