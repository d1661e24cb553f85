// The reader of payloads, compared with JSON.parse. It differs only in the digits of numbers, and in the turns that it takes.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { Turns } from "../../src/core/turns.ts";
import { type JsonBounds, readExactJson } from "../../src/webhooks/exact-json.ts";
import { ExactNumber, roundedOf } from "../../src/webhooks/exact-number.ts";

const BOUNDS: JsonBounds = { values: LIMITS.payloadValues, depth: LIMITS.payloadDepth };
const noTurn = () => new Turns(Number.POSITIVE_INFINITY);

async function read(json: string, bounds = BOUNDS): Promise<unknown> {
  const result = await readExactJson(json, bounds, noTurn());
  return "excess" in result ? result.excess : result.value;
}

function parsed(json: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return null;
  }
}

const DOCUMENTS = [
  '{"a":[1,-2.5,true,false,null,"x"],"b":{"c":{}},"d":[]}',
  ' \t\r\n{ "a" : [ 1 , 2 ] , "b" : { } } \n',
  String.raw`["\"","\\","\/","\b\f\n\r\t","\u00e9","\ud83d\ude00","a\\","\\\"b","\ud800"]`,
  '["é","😀","\u2028\u2029","\u007f",""]',
  '{"a":1,"a":2,"":3,"__proto__":{"b":1},"constructor":4,"7":5,"2":6}',
  "0",
  "-0",
  "[0.1,1e5,1E-5,1.50,12345678901234567890,-9007199254740993,1e400]",
  '"text"',
  "null",
];

/** The document with one changed character, which is usually no JSON any more. */
function mutationsOf(json: string): string[] {
  const characters = [
    '"',
    "\\",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "0",
    "-",
    ".",
    "e",
    " ",
    "\n",
    "\u0001",
    "\u00a0",
    "\ufeff",
    "t",
  ];
  return Array.from({ length: json.length + 1 }, (_, at) => at).flatMap((at) => [
    json.slice(0, at),
    json.slice(0, at) + json.slice(at + 1),
    ...characters.map((one) => json.slice(0, at) + one + json.slice(at)),
    ...characters.map((one) => json.slice(0, at) + one + json.slice(at + 1)),
  ]);
}

describe("a reader of exact JSON", () => {
  it("accepts the documents that JSON.parse accepts, with the same values, and refuses the others", async () => {
    const texts = new Set([
      ...DOCUMENTS,
      ...DOCUMENTS.flatMap(mutationsOf),
      "",
      "{a:1}",
      "[1,]",
      "[,1]",
      '{"a"}',
      "truefalse",
      "+1",
      "01",
    ]);
    for (const json of texts) {
      const expected = parsed(json);
      const actual = await readExactJson(json, BOUNDS, noTurn()).catch(() => null);
      expect(actual && { value: roundedOf((actual as { value: unknown }).value) }, json).toEqual(expected);
    }
  });

  it("keeps a field named __proto__ as an ordinary field, and keeps the order of fields", async () => {
    const json = '{"b":1,"__proto__":{"x":1},"a":2}';
    const value = (await read(json)) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe(json);
  });

  it("keeps every digit only of numbers that JavaScript would write differently", async () => {
    const written = ["12345678901234567890", "1.10", "1e3", "-0", "0.00000012", "1e400"];
    const values = (await read(`[${written.join()}]`)) as ExactNumber[];
    expect(values.map((value) => value instanceof ExactNumber && value.source)).toEqual(written);
    expect(await read("[1,-2.5,0,1e+21,9007199254740991]")).toEqual([1, -2.5, 0, 1e21, 9007199254740991]);
  });

  it("names the exceeded bound before it reads further", async () => {
    const bounds = { values: 4, depth: 2 };
    expect(await read('{"a":[1,2]}', bounds)).toEqual({ a: [1, 2] });
    expect(await read('{"a":[1,2,3', bounds)).toBe("holds more than 4 values");
    expect(await read("[[1]]", bounds)).toEqual([[1]]);
    expect(await read("[[[", bounds)).toBe("is nested deeper than 2 levels");
  });

  it("takes a turn of the event loop at least every few thousand values", async () => {
    let turns = 0;
    const counted = new Turns(2_000, async () => void turns++);
    const fields = Array.from({ length: 20_000 }, (_, i) => `"f${i}":1`).join();
    await readExactJson(`{${fields}}`, BOUNDS, counted);
    expect(turns).toBeGreaterThanOrEqual(8);
  });
});
