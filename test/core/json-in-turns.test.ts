// Parsing in turns: the same values as JSON.parse, and the same documents refused.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { parseInTurns } from "../../src/core/json-in-turns.ts";

const longest = { bytes: 0 };
const parse = (text: string): Promise<unknown> =>
  parseInTurns(utf8(text), {
    spend: async () => undefined,
    parse: async (part) => {
      longest.bytes = Math.max(longest.bytes, part.byteLength);
      return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part));
    },
  });
const numbers = (count: number): string => Array.from({ length: count }, (_, i) => i / 7).join();
const long = (text: string): string => `"${text.repeat(70_000)}"`;
const [row, big] = [`[${numbers(1_000)}]`, `[${numbers(20_000)}]`];

describe("the parser gives what JSON.parse gives", () => {
  it.each([
    ["a short document", ' {"a": [1, 2, {"b": null}]} '],
    ["a long text", long('\\"é')],
    ["a flat array", big],
    ["an array of rows", `[${new Array(100).fill(row).join(" ,\n")}]`],
    ["large items between small ones", `[1, ${big}, "a,]", ${big}, {"b": "}"}, 2]`],
    ["an object of large fields", `{"a": 1, "b\\"}": ${big}, "c": [], "d" : {"e": ${big}, "f": ${big}}, "g": "x"}`],
    ["fields of one name", `{"a": ${big}, "a": 1, "b": 2, "b": ${big}}`],
    ["a field named __proto__", `{"__proto__": ${big}, "a": {"__proto__": 1}}`],
    ["white space everywhere", `\n [ ${big} , \t[ ] ,{ } ]\r\n`],
    ["a byte order mark", `\ufeff[${big}]`],
  ])("for %s", async (_, text) => {
    expect(JSON.stringify(await parse(text))).toBe(JSON.stringify(JSON.parse(text.replace("\ufeff", ""))));
  });

  it("while it parses parts of little more than 64 KiB", async () => {
    longest.bytes = 0;
    await parse(`{"a":[${new Array(100).fill(row).join()}],"b":${big},"c":[${big},[${big}]]}`);
    expect(longest.bytes).toBeLessThan(70_000);
  });
});

describe("the parser refuses", () => {
  it.each([
    ["a missing last item", `[${big},]`],
    ["a missing first item", `[,${big}]`],
    ["a missing item between two commas", `[${big},,1]`],
    ["an array without an end", `[${big},1`],
    ["a text without an end", `[${big},"a]`],
    ["an array that ends as an object", `[${big}}`],
    ["a character after the end", `[${big}]]`],
    ["a second value after an item", `[${big} 1, 2]`],
    ["a missing comma after a field", `{"a": ${big} "b": 2}`],
    ["a field without a name", `{${big}}`],
    ["a field without a colon", `{"a" ${big}}`],
    ["a field without a value", `{"a": , "b": ${big}}`],
    ["a byte order mark inside", `[${big},\ufeff1]`],
    ["a deep document", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["text that is not JSON", "x".repeat(100_000)],
    ["more white space than any JSON has", `[${" ".repeat(200_000)}1]`],
    ["only white space", " ".repeat(100_000)],
  ])("%s", async (_, text) => {
    await expect(parse(text)).rejects.toThrow(SyntaxError);
  });
});
