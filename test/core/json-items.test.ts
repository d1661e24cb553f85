import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { itemsOfField, itemsOfOnlyField } from "../../src/core/json-items.ts";
import { Turns } from "../../src/core/turns.ts";
import { seededRandom } from "../support/random.ts";

async function itemsOf(text: string, most = 100): Promise<unknown[] | "more" | null> {
  const turns = new Turns(1, async () => undefined);
  const json = utf8(text);
  const items = await itemsOfOnlyField(json, { field: "examples", most, turns, perByte: 1 });
  if (!items) return null;
  if (items.hasMore) return "more";
  return items.spans.map(({ from, to }) => JSON.parse(new TextDecoder().decode(json.subarray(from, to))) as unknown);
}

describe("the items of a document's only field", () => {
  it.each<[string, unknown[]]>([
    ['{"examples":[]}', []],
    [' { "examples" : [ 1 , "a,]}" , {"b":[1,{"c":"}"}]} , null ] } \n', [1, "a,]}", { b: [1, { c: "}" }] }, null]],
    ['{"examples":["\\\\","\\"],[","é\u{1f600}"]}', ["\\", '"],[', "é\u{1f600}"]],
  ])("are found in %s", async (text, items) => {
    expect(await itemsOf(text)).toEqual(items);
  });

  it.each([
    "",
    "[]",
    "{}",
    '{"examples":1}',
    '{"examples":[1',
    '{"examples":["1]}',
    '{"examples":[1]',
    '{"examples":[1]}x',
    '{"examples":[1],"x":2}',
    '{"x":2,"examples":[1]}',
    '{"examples":[1]}{"examples":[1]}',
  ])("are not searched if the document has another form: %s", async (text) => {
    expect(await itemsOf(text)).toBeNull();
  });

  it("are counted only up to the requested number", async () => {
    expect(await itemsOf('{"examples":[1,2,3]}', 3)).toEqual([1, 2, 3]);
    expect(await itemsOf('{"examples":[1,2,3,4]}', 3)).toBe("more");
  });

  it("are the items that a parser finds, however the document is divided into pieces", async () => {
    const random = seededRandom(1);
    const below = (most: number): number => random.below(most);
    for (let i = 0; i < 20; i++) {
      const examples = Array.from({ length: 1 + below(5) }, () => ({
        text: '"\\[{,'.repeat(below(20_000)),
        features: Array.from({ length: below(500) }, () => below(1_000) / 8),
      }));
      expect(await itemsOf(JSON.stringify({ examples }))).toEqual(examples);
    }
  });

  it("are found with a turn of the event loop after at most 64 KiB, also inside one long item", async () => {
    let turned = 0;
    const turns = new Turns(65_536, async () => {
      turned++;
    });
    const json = utf8(`{"examples":["${'\\"'.repeat(500_000)}"]}`);
    await itemsOfOnlyField(json, { field: "examples", most: 10, turns, perByte: 1 });
    expect(turned).toBeGreaterThanOrEqual(15);
  });
});

describe("the items of one field of a document", () => {
  const asked = { field: "inputs", most: 3, turns: new Turns(1, async () => undefined), perByte: 1 };
  const found = async (text: string): Promise<unknown> => {
    const json = utf8(text);
    const items = await itemsOfField(json, asked);
    const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return items && [...items.spans.map(({ from, to }) => textOf(json.subarray(from, to)).trim()), textOf(items.rest)];
  };

  it.each([
    ['{"inputs":[]}', ['{"inputs":[]}']],
    [
      ' { "a" : {"inputs":[9]} , "b":"],}" , "inputs" : [ 1 , "]" ] , "c":[2] } ',
      ["1", '"]"', ' { "a" : {"inputs":[9]} , "b":"],}" , "inputs" : [] , "c":[2] } '],
    ],
  ])("are found in %s, together with the rest of the document", async (text, items) => {
    expect(await found(text)).toEqual(items);
  });

  it.each(["", "[]", "{}", '{"a":[1]}', '{"inputs":{}}', '{"inputs":[1}', '{"inputs":[1', '{"a":1 "inputs":[1]}'])(
    "are not found in %s",
    async (text) => {
      expect(await found(text)).toBeNull();
    },
  );

  it("are counted only up to the requested number", async () => {
    expect(await itemsOfField(utf8('{"inputs":[1,2,3,4]}'), asked)).toMatchObject({ hasMore: true });
  });
});
