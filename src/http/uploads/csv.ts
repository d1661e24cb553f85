// Uploads as CSV (RFC 4180) with a header row, streamed.
import { Readable } from "node:stream";
import { parse as csvParser } from "csv-parse";
import type { Task } from "../../contract/heads.ts";
import { TARGET_FIELDS, targetFieldOf } from "../../contract/targets.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { RawRow } from "./rows.ts";

/** What decoding leaves where bytes are not UTF-8; hardly ever meant. */
const REPLACEMENT = "\ufffd";

const COLUMNS = ["text", "features", ...TARGET_FIELDS, "id", "split"];
/** Between the labels of a multilabel example. */
const LABEL_SEPARATOR = "|";
/** A decimal number, where `Number` would also read blanks, 0x10 and Infinity. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export async function* csvRows(request: Request, task: Task): AsyncGenerator<RawRow> {
  let header: string[] | null = null;
  try {
    for await (const record of records(request.body)) {
      if (header) yield rowOf(header, record);
      else header = checkHeader(record, task);
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    yield {
      problem: { code: "invalid_example", detail: `the CSV cannot be read on from here: ${(error as Error).message}` },
    };
  }
  if (!header) throw empty(task);
}

function records(body: ReadableStream<Uint8Array> | null): AsyncIterable<string[]> {
  const parser = csvParser({
    ...{ bom: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: true },
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: LIMITS.lineBytes,
  });
  const source = Readable.fromWeb((body ?? new Response("").body) as never);
  source.on("error", (error) => parser.destroy(error));
  return source.pipe(parser);
}

function empty(task: Task): Fault {
  const such = `text,${targetFieldOf(task)}`;
  return new Fault("invalid_request", `The CSV is empty; its first row must name the columns, such as ${such}`);
}

function checkHeader(header: string[], task: Task): string[] {
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name, i) => !COLUMNS.includes(name) || names.indexOf(name) !== i);
  if (unknown.length > 0) throw badHeader(unknown[0] as string, "is unknown or given twice");
  const target = targetFieldOf(task);
  const stray = TARGET_FIELDS.find((name) => name !== target && names.includes(name));
  if (stray) throw badHeader(stray, `is not for this head, which is ${task} and learns "${target}"`);
  if (!names.includes(target)) throw badHeader(target, `is missing: this head is ${task}`);
  if (!names.includes("text") && !names.includes("features")) throw badHeader("text", "is missing");
  return names;
}

function badHeader(column: string, problem: string): Fault {
  const detail = `The first row of the CSV must name its columns, out of ${COLUMNS.join(", ")}: "${column}" ${problem}`;
  return new Fault("invalid_request", detail, { errors: [{ pointer: `/${column}`, detail: problem }] });
}

function rowOf(header: readonly string[], record: readonly string[]): RawRow {
  if (record.length !== header.length) {
    const detail = `the row has ${record.length} fields where the header has ${header.length}; quote fields that hold commas`;
    return { problem: { code: "invalid_example", detail } };
  }
  if (record.some((field) => field.includes(REPLACEMENT))) {
    return {
      problem: { code: "invalid_example", detail: "the row is not UTF-8; save the file as UTF-8 and send it again" },
    };
  }
  const fields = header.map((name, i) => [name, record[i]] as const);
  const optional = (name: string): boolean => name === "id" || name === "split";
  const given = fields.filter(([name, value]) => !(optional(name) && value === ""));
  return { value: Object.fromEntries(given.map(([name, value = ""]) => [name, read(name, value)])) };
}

/** A field as JSON would have it. What is no number stays text, to be refused with the other mistakes of its row. */
function read(name: string, field: string): string | number | string[] {
  if (name === "labels") return field === "" ? [] : field.split(LABEL_SEPARATOR);
  return name === "value" && NUMBER.test(field.trim()) ? Number(field) : field;
}
