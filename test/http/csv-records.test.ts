// Our CSV parser, compared with csv-parse: cut anywhere, including unusual quotes and line ends.
import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { CsvRecords } from "../../src/http/uploads/csv-records.ts";
import { seededRandom } from "../support/random.ts";

const AS_CSV_PARSE_READS = { bom: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: true };
const LINE_ENDS = ["\r\n", "\n", "\r"];

function expected(text: string): string[][] | "broken" {
  try {
    return parse(text, { ...AS_CSV_PARSE_READS, record_delimiter: LINE_ENDS }) as string[][];
  } catch {
    return "broken";
  }
}

function read(text: string, pieceBytes: number) {
  const bytes = new TextEncoder().encode(text);
  const reading = new CsvRecords(LIMITS.lineBytes);
  const records = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    records.push(...reading.read(bytes.slice(at, at + pieceBytes)));
  }
  return [...records, ...reading.end()];
}

it("the parser reads 20,000 unusual files as csv-parse does, in pieces of any size", () => {
  const ALPHABET = ["a", "b", '"', '"', '"', ",", ",", "\n", "\r", "é", " ", "\r\n", ',"', '",'];
  const { below } = seededRandom(7);
  for (let i = 0; i < 20_000; i++) {
    const mark = below(4) === 0 ? "\ufeff" : "";
    const text = mark + Array.from({ length: below(14) }, () => ALPHABET[below(ALPHABET.length)]).join("");
    const records = read(text, 1 + below(5));
    const found = records.some(({ fields }) => fields === null) ? "broken" : records.map(({ fields }) => fields);
    expect(found, JSON.stringify(text)).toEqual(expected(text));
  }
});

it("the parser numbers records by the line where each begins", () => {
  const text = 'a\n\n"b\r\nb\rb"\r\nc\r\rd';
  expect(read(text, 2).map(({ line, fields }) => [line, fields])).toEqual([
    [1, ["a"]],
    [3, ["b\r\nb\rb"]],
    [6, ["c"]],
    [8, ["d"]],
  ]);
});

it("the parser keeps leading bytes that only look like a byte order mark", () => {
  expect(read("\ufb01,a\n", 1).map(({ fields }) => fields)).toEqual([["\ufb01", "a"]]);
});
