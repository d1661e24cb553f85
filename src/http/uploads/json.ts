// Uploads as one JSON body: up to a thousand rows, each checked on its own.
import { examplesBody } from "../../contract/examples.ts";
import { LIMITS } from "../../core/limits.ts";
import { readJson } from "../body.ts";
import { parse } from "../validate.ts";
import type { RawRow } from "./rows.ts";

export async function* jsonRows(request: Request): AsyncGenerator<RawRow> {
  const { examples } = parse(examplesBody, await readJson(request, true, LIMITS.jsonBodyBytes), "The body");
  for (const value of examples) yield { value };
}
