// A large JSON upload, parsed row by row, with turns of the event loop between rows.
import { examplesBody } from "../../contract/examples.ts";
import { itemsOfOnlyField, type JsonItems } from "../../core/json-items.ts";
import { JsonCount } from "../../core/json-size.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import { parseJsonPart } from "../request/body.ts";
import { parse } from "../request/validate.ts";
import type { RawRow } from "./rows.ts";

export const examplesIn = (body: unknown): readonly unknown[] => parse(examplesBody, body, "The body").examples;

export async function rowsOfLargeBody(json: Uint8Array, turns: Turns, mostBytes: number): Promise<readonly RawRow[]> {
  const most = LIMITS.examplesPerRequest;
  const items = await itemsOfOnlyField(json, { field: "examples", most, turns, perByte: UPLOAD_WORK.perByte });
  if (!items) throw wrongShape();
  examplesIn({ examples: new Array(items.spans.length + (items.hasMore ? 1 : 0)).fill(null) }); // throws if there are no items, or too many
  return parsedRows(json, items, turns, mostBytes);
}

const wrongShape = (): Fault =>
  new Fault(
    "invalid_request",
    `The body must be {"examples":[…]} in JSON and nothing else; a body of more than ${LIMITS.wholeJsonBytes} bytes is read row by row`,
  );

async function parsedRows(
  json: Uint8Array,
  { spans }: JsonItems,
  turns: Turns,
  mostBytes: number,
): Promise<readonly RawRow[]> {
  const rows: RawRow[] = [];
  const count = new JsonCount();
  for (const { from, to } of spans) {
    rows.push(to - from > mostBytes ? tooLong(mostBytes) : { value: parseJsonPart(json.subarray(from, to), count) });
    await turns.spend(UPLOAD_WORK.perByte * (to - from));
  }
  return rows;
}

const tooLong = (most: number): RawRow => ({
  problem: { code: "invalid_example", detail: `the example is over ${most} bytes` },
});
