// Uploads as CSV (RFC 4180) with a header row, streamed.
import { Readable } from "node:stream";
import { parse as csvParser } from "csv-parse";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { RawRow } from "./rows.ts";

/** What decoding leaves where bytes are not UTF-8; hardly ever meant. */
const REPLACEMENT = "\ufffd";

const COLUMNS = ["text", "features", "label", "id", "split"];

export async function* csvRows(request: Request): AsyncGenerator<RawRow> {
  let header: string[] | null = null;
  try {
    for await (const record of records(request.body)) {
      if (header) yield rowOf(header, record);
      else header = checkHeader(record);
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    yield {
      problem: { code: "invalid_example", detail: `the CSV cannot be read on from here: ${(error as Error).message}` },
    };
  }
  if (!header)
    throw new Fault("invalid_request", "The CSV is empty; its first row must name the columns, such as text,label");
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

function checkHeader(header: string[]): string[] {
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name, i) => !COLUMNS.includes(name) || names.indexOf(name) !== i);
  if (unknown.length > 0) throw badHeader(unknown[0] as string, "is unknown or given twice");
  if (!names.includes("label")) throw badHeader("label", "is missing");
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
  return { value: Object.fromEntries(fields.filter(([name, value]) => !(optional(name) && value === ""))) };
}
