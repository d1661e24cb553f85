// Upload formats by content type.
import type { RowRules } from "../../backbones/example-row.ts";
import type { Turns } from "../../core/turns.ts";
import { mediaType, refuseMediaType } from "../request/body.ts";
import type { RowMemory } from "../request/reserve-memory.ts";
import { csvRows } from "./csv.ts";
import { jsonRows } from "./json.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { RawRow } from "./rows.ts";

/**
 * Reads the rows of a request for a head with these rules, with turns of the event loop. Throws a fault for a CSV whose columns
 * do not fit the head's task.
 */
export type RowReader = (request: Request, turns: Turns, rules: RowRules, memory: RowMemory) => AsyncIterable<RawRow>;

/** By content type. A map, because a caller's content type may be a name that every object has, such as constructor. */
const FORMATS: ReadonlyMap<string, RowReader> = new Map([
  ["application/json", jsonRows],
  ["application/x-ndjson", ndjsonRows],
  ["text/csv", csvRows],
]);

export const readerOf = (request: Request): RowReader =>
  FORMATS.get(mediaType(request)) ?? refuseMediaType(request, [...FORMATS.keys()]);
