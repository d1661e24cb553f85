// Reading examples: unusual texts are unchanged, pages have no gaps, and filters are exact.
import { beforeAll, describe, expect, it } from "vitest";
import type { ExampleFilter } from "../../../src/contract/examples.ts";
import { unwrap } from "../../../src/core/problems.ts";
import { append, inObject, makeHead, type TestHead } from "../../support/objects.ts";

const listed = async ({ rpc }: TestHead, filter: ExampleFilter = {}): Promise<string[]> =>
  unwrap(await rpc.listExamples(filter)).data.map(({ id }) => id);

const ODD = [
  ...[
    "null",
    "__proto__",
    "constructor",
    "true",
    "123",
    "1e3",
    "0x10",
    "-0",
    "NaN",
    "[]",
    '{"$":["f32",0,1]}',
    '"',
    "'",
    "''; DROP TABLE examples; --",
  ],
  ...[
    "a\0b",
    "\0",
    "back\\slash",
    "\\u0000",
    "line\nbreak\r\n\ttab",
    "\u2028\u2029",
    "🏺🧑‍🍳",
    "\u{10ffff}",
    "\ufeffbom",
    "e\u0301",
    "é",
  ],
  ...[" padded ", "عربى", "ไทย", "𠮷野家", "x".repeat(20_000), "🏺".repeat(5_000)],
];

describe("unusual texts", () => {
  it.each(ODD)("are stored unchanged as id, label and input: %j", async (odd) => {
    const head = await makeHead();
    expect(
      await append(head, [
        { id: odd, label: odd, input: odd },
        { id: "other", label: "other" },
      ]),
    ).toMatchObject({ added: 2 });
    const example = unwrap(await head.rpc.getExample(odd));
    expect([example.id, example.label, example.text]).toEqual([odd, odd, odd]);
    expect(await listed(head, { label: odd })).toEqual([odd]);
    expect(unwrap(await head.rpc.describe()).examples.by_label).toEqual({ [odd]: 1, other: 1 });
    expect(await append(head, [{ id: odd, label: odd, input: odd }])).toMatchObject({ unchanged: 1 });
    unwrap(await head.rpc.deleteExample(odd));
    expect(await listed(head)).toEqual(["other"]);
  });

  it("stay texts in SQLite, even if they look like numbers", async () => {
    const head = await makeHead();
    await append(
      head,
      ["123", "null", "1e3"].map((odd) => ({ id: odd, label: odd })),
    );
    const types = await inObject(head.name, ({ sql }) =>
      sql
        .exec(
          "SELECT DISTINCT typeof(examples.id) AS id, typeof(text) AS text, typeof(name) AS label FROM examples JOIN inputs ON inputs.id = input JOIN labels ON labels.id = label",
        )
        .toArray(),
    );
    expect(types).toEqual([{ id: "text", text: "text", label: "text" }]);
  });
});

describe("pages of examples", () => {
  let head: TestHead;
  const ids = Array.from({ length: 23 }, (_, i) => `id ${i}`);
  beforeAll(async () => {
    head = await makeHead();
    await append(
      head,
      ids.map((id, i) => ({ id, label: i % 2 ? "odd" : "even" })),
    );
  });

  it.each([1, 5, 22, 23, 200])("contain every example once, oldest first, with %i a page", async (limit) => {
    const seen: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = unwrap(await head.rpc.listExamples({ limit, after }));
      expect(page.data.length).toBeLessThanOrEqual(limit);
      expect(page.has_more).toBe(page.next !== null);
      seen.push(...page.data.map(({ id }) => id));
      after = page.next;
    }
    expect(seen).toEqual(ids);
  });

  it("leave no gap after an example that was deleted in the meantime", async () => {
    const own = await makeHead();
    await append(
      own,
      ids.map((id) => ({ id, label: "a" })),
    );
    const first = unwrap(await own.rpc.listExamples({ limit: 5 }));
    unwrap(await own.rpc.deleteExample("id 4"));
    unwrap(await own.rpc.deleteExample("id 5"));
    expect(await listed(own, { limit: 2, after: first.next as string })).toEqual(["id 6", "id 7"]);
  });

  it("keep the place of an example that changes", async () => {
    await append(head, [{ id: "id 0", label: "even", split: "test" }]);
    expect((await listed(head))[0]).toBe("id 0");
  });

  it.each(["x", "-1", "1.5", "1e3", " 1", "9".repeat(16), ""])("refuse the cursor %j", async (after) => {
    const answer = await head.rpc.listExamples({ after });
    expect(answer).toMatchObject({ ok: false, fault: { code: "invalid_request", errors: [{ pointer: "/after" }] } });
  });
});

describe("filters", () => {
  let head: TestHead;
  beforeAll(async () => {
    head = await makeHead();
    await append(head, [
      { id: "1", label: "refund", input: "100% of the price", split: "test" },
      { id: "2", label: "refund", input: "1000 pieces" },
      { id: "3", label: "other", input: "snake_case", split: "test" },
      { id: "4", label: "other", input: "snakeXcase" },
      { id: "5", label: "other", input: "back\\slash, it's ÉTÉ", split: "train" },
      { id: "6", label: "Refund", input: "[a-z]* and ?" },
      { id: "7", label: "other", input: "before\0after" },
    ]);
  });

  it.each([
    [{}, ["1", "2", "3", "4", "5", "6", "7"]],
    [{ label: "refund" }, ["1", "2"]],
    [{ label: "ref" }, []],
    [{ split: "test" }, ["1", "3"]],
    [{ split: "test", label: "other" }, ["3"]],
    [{ q: "snake", label: "other", split: "test" }, ["3"]],
    [{ label: "refund", limit: 1 }, ["1"]],
  ] as const)("must all match: %j", async (filter, ids) => {
    expect(await listed(head, filter)).toEqual(ids);
  });

  it.each([
    ["100%", ["1"]],
    ["%", ["1"]],
    ["_", ["3"]],
    ["e_c", ["3"]],
    ["\\", ["5"]],
    ["\\s", ["5"]],
    ["it's", ["5"]],
    ["[a-z]*", ["6"]],
    ["SNAKE", ["3", "4"]],
    ["before", ["7"]],
    ["nowhere", []],
  ] as const)("search for every character of q literally: %j", async (q, ids) => {
    expect(await listed(head, { q })).toEqual(ids);
  });

  // Cloudflare's SQLite limits a LIKE pattern to 50 bytes, including the two wildcards and every escape; the contract accepts
  // 200 characters. "LIKE or GLOB pattern too complex" was a 500 for the caller.
  it("accept a q of more than 48 bytes", async () => {
    expect(await listed(head, { q: "x".repeat(49) })).toEqual([]);
  });

  // LIKE stops reading at a NUL; instr does not.
  it("find text after a NUL", async () => {
    expect(await listed(head, { q: "after" })).toEqual(["7"]);
  });
});
