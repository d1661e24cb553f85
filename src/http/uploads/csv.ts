// Uploads as CSV (RFC 4180) with a header row, streamed: interprets its columns and makes rows.
import type { RowRules } from "../../backbones/example-row.ts";
import { fieldsOf, INPUT_FIELDS, kindOf } from "../../contract/inputs.ts";
import { TARGET_FIELDS, targetFieldOf } from "../../contract/tasks.ts";
import { utf8 } from "../../core/bytes.ts";
import { decimalOf } from "../../core/decimal.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { Turns } from "../../core/turns.ts";
import type { RowMemory } from "../request/reserve-memory.ts";
import { type CsvRecord, CsvRecords } from "./csv-records.ts";
import { type RawRow, smallPiecesOf } from "./rows.ts";

const OTHER_COLUMNS = ["id", "split"];
const COLUMNS: readonly string[] = [...INPUT_FIELDS, ...TARGET_FIELDS, ...OTHER_COLUMNS];
/** Characters shown of an unknown column name: a file of another format may be one long line. */
const SHOWN_CHARS = 100;
/** Separator of the labels of a multilabel example. */
const LABEL_SEPARATOR = "|";

export async function* csvRows(
  request: Request,
  turns: Turns,
  rules: RowRules,
  memory: RowMemory,
): AsyncGenerator<RawRow> {
  let header: string[] | null = null;
  const { jsonBytes } = kindOf(rules.backbone.modality);
  for await (const record of records(smallPiecesOf(request.body, turns), jsonBytes)) {
    const isLong = record.bytes > LIMITS.streamedFileBytes;
    if (isLong) await memory.hold(record.bytes);
    if (header) yield rowOf(header, record);
    else header = checkHeader(record, rules);
    if (isLong) memory.letGo();
    if (record.isLast) return;
  }
  if (!header) throw empty(rules);
}

async function* records(pieces: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<CsvRecord> {
  const reading = new CsvRecords(mostBytes);
  for await (const piece of asUtf8(pieces)) yield* reading.read(piece);
  yield* reading.end();
}

/** Converts to UTF-8: some programs save a CSV as UTF-16, which begins with its own byte order mark. */
async function* asUtf8(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | null | undefined;
  for await (const piece of pieces) {
    if (decoder === undefined) decoder = isUtf16(piece) ? new TextDecoder("utf-16le") : null;
    yield decoder ? utf8(decoder.decode(piece, { stream: true })) : piece;
  }
}

const isUtf16 = ([first, second]: Uint8Array): boolean => first === 0xff && second === 0xfe;

function empty({ task, backbone }: RowRules): Fault {
  const such = [...fieldsOf(backbone.modality), targetFieldOf(task)].join();
  return new Fault("invalid_request", `The CSV is empty; its first row must name the columns, such as ${such}`);
}

function checkHeader({ fields, problem }: CsvRecord, rules: RowRules): string[] {
  if (!fields) throw new Fault("invalid_request", `The first row of the CSV cannot be read: ${problem}`);
  const names = fields.map((name) => name.trim());
  const bad = badColumn(names, rules);
  if (!bad) return names;
  const name = bad.name.slice(0, SHOWN_CHARS);
  const columns = [...fieldsOf(rules.backbone.modality), targetFieldOf(rules.task), ...OTHER_COLUMNS].join(", ");
  const detail = `In the first row of the CSV, which names the columns, "${name}" ${bad.problem}. The columns for this head are ${columns}`;
  throw new Fault("invalid_request", detail, { errors: [{ pointer: `/${name}`, detail: bad.problem }] });
}

/** The first problem with the names of the columns. */
function badColumn(names: readonly string[], { task, backbone }: RowRules) {
  // Stops at the first bad name: a header can have hundreds of thousands, and each is looked for among those before it.
  const bad = names.find((name, i) => !COLUMNS.includes(name) || names.indexOf(name) !== i);
  if (bad !== undefined) return { name: bad, problem: COLUMNS.includes(bad) ? "is given twice" : "is not known" };
  const target = targetFieldOf(task);
  const stray = TARGET_FIELDS.find((name) => name !== target && names.includes(name));
  if (stray) return { name: stray, problem: `is not for this head, which is ${task} and learns "${target}"` };
  if (!names.includes(target)) return { name: target, problem: `is missing: this head is ${task}` };
  const hasInput = INPUT_FIELDS.some((name) => names.includes(name));
  return hasInput ? null : { name: fieldsOf(backbone.modality)[0] as string, problem: "is missing" };
}

function rowOf(header: readonly string[], { line, fields: record, problem }: CsvRecord): RawRow {
  if (!record) return { line, problem: { code: "invalid_example", detail: problem } };
  if (record.length !== header.length) {
    const detail = `the row has ${record.length} fields where the header has ${header.length}; quote fields that hold commas`;
    return { line, problem: { code: "invalid_example", detail } };
  }
  const fields = header.map((name, i) => [name, record[i]] as const);
  const optional = (name: string): boolean => name === "id" || name === "split";
  const given = fields.filter(([name, value]) => !(optional(name) && value === ""));
  return { line, value: Object.fromEntries(given.map(([name, value = ""]) => [name, read(name, value)])) };
}

/**
 * A field as it would be in JSON. A value that is not a number stays text, and is rejected with the other problems of its row.
 */
function read(name: string, field: string): string | number | string[] {
  if (name === "labels") return field === "" ? [] : field.split(LABEL_SEPARATOR);
  return name === "value" ? (decimalOf(field) ?? field) : field;
}
