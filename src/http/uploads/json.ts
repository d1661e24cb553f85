// Uploads as one JSON body: up to a thousand rows, each validated separately. The whole body is parsed before the first row is
// stored, so invalid JSON stores nothing.
import type { RowRules } from "../../backbones/example-row.ts";
import { kindOf } from "../../contract/inputs.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { parseJson, readBytes } from "../request/body.ts";
import { examplesIn, rowsOfLargeBody } from "./large-json-body.ts";
import type { RawRow } from "./rows.ts";

export async function* jsonRows(request: Request, turns: Turns, rules: RowRules): AsyncGenerator<RawRow> {
  const bytes = await readBytes(request);
  if (bytes.byteLength > LIMITS.wholeJsonBytes) yield* await rowsOfLargeBody(bytes, turns, mostRowBytes(rules));
  else for (const value of examplesIn(parseJson(bytes))) yield { value };
}

const mostRowBytes = ({ backbone }: RowRules): number =>
  Math.max(LIMITS.jsonRowBytes, kindOf(backbone.modality).jsonBytes);
