// Upload formats by content type. JSON is read here: up to a thousand rows, each validated separately. The whole body is parsed
// before the first row is stored, so invalid JSON stores nothing.
import type { RowRules } from "../../backbones/example-row.ts";
import { kindOf } from "../../contract/inputs.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { mediaType, parseJson, readBytes, refuseMediaType } from "../request/body.ts";
import type { RowMemory } from "../request/reserve-memory.ts";
import { csvRows } from "./csv.ts";
import { examplesIn, rowsOfLargeBody } from "./large-json-body.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { RawRow } from "./rows.ts";

/**
 * Reads the rows of a request for a head with these rules, with turns of the event loop. Throws a fault for a CSV whose columns
 * do not fit the head's task.
 */
export type RowReader = (request: Request, turns: Turns, rules: RowRules, memory: RowMemory) => AsyncIterable<RawRow>;

async function* jsonRows(request: Request, turns: Turns, { backbone }: RowRules): AsyncGenerator<RawRow> {
  const bytes = await readBytes(request);
  const mostRowBytes = Math.max(LIMITS.jsonRowBytes, kindOf(backbone.modality).jsonBytes);
  if (bytes.byteLength > LIMITS.wholeJsonBytes) yield* await rowsOfLargeBody(bytes, turns, mostRowBytes);
  else for (const value of examplesIn(parseJson(bytes))) yield { value };
}

/** By content type. A map, because a caller's content type may be a name that every object has, such as constructor. */
const FORMATS: ReadonlyMap<string, RowReader> = new Map([
  ["application/json", jsonRows],
  ["application/x-ndjson", ndjsonRows],
  ["text/csv", csvRows],
]);

export const readerOf = (request: Request): RowReader =>
  FORMATS.get(mediaType(request)) ?? refuseMediaType(request, [...FORMATS.keys()]);
