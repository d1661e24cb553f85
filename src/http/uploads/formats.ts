// The formats that examples come in, by content type.
import type { Task } from "../../contract/heads.ts";
import { mediaType, refuseMediaType } from "../body.ts";
import { jsonRows } from "./json.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { RawRow } from "./rows.ts";

/** The rows of a request, for a head of a task: a table must have the task's column. */
export type RowReader = (request: Request, task: Task) => AsyncIterable<RawRow>;

const FORMATS: Readonly<Record<string, () => Promise<RowReader>>> = {
  "application/json": async () => jsonRows,
  "application/x-ndjson": async () => ndjsonRows,
  // On demand: it brings Node's streams with it, which starting would wait for.
  "text/csv": async () => (await import("./csv.ts")).csvRows,
};

export async function readerOf(request: Request): Promise<RowReader> {
  const format = FORMATS[mediaType(request)] ?? refuseMediaType(request, Object.keys(FORMATS));
  return format();
}
