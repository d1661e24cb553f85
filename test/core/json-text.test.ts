// JSON that contains texts, and the canonical JSON for digests.
import { describe, expect, it } from "vitest";
import { canonicalJson, jsonOf, jsonText, textOfMatrix } from "../../src/core/json-text.ts";
import { Turns } from "../../src/core/turns.ts";

describe("canonicalJson", () => {
  it("writes equal values equally, whatever the order of their keys", () => {
    const a = { b: [{ y: 1, x: null }], a: "é", A: true };
    const b = { A: true, a: "é", b: [{ x: null, y: 1 }] };
    expect(canonicalJson(a)).toBe(canonicalJson(b));
    expect(canonicalJson(a)).toBe('{"A":true,"a":"é","b":[{"x":null,"y":1}]}');
  });

  it("keeps the order of arrays", () => {
    expect(canonicalJson([2, 1])).toBe("[2,1]");
  });

  it("distinguishes numbers from texts of numbers", () => {
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
  });

  it("sorts keys that look like integers as any other key", () => {
    expect(canonicalJson({ 10: 1, 9: 2, a: 3 })).toBe(canonicalJson({ a: 3, 9: 2, 10: 1 }));
  });

  it("inserts a text in the place of its value", () => {
    const value = { b: { z: [1, [2]], y: jsonText("[[1,2],[3,4]]") }, a: undefined, 2: "x", 10: {} };
    const plain = {
      ...value,
      b: {
        ...value.b,
        y: [
          [1, 2],
          [3, 4],
        ],
      },
    };
    expect(canonicalJson(value)).toBe(canonicalJson(plain));
    expect(canonicalJson(plain)).toBe('{"2":"x","10":{},"b":{"y":[[1,2],[3,4]],"z":[1,[2]]}}');
  });
});

describe("jsonOf", () => {
  it("writes what JSON.stringify writes, with prepared texts in their places", () => {
    const value = {
      b: 1,
      a: { text: jsonText("[1]"), none: undefined, list: [{ x: undefined, y: null }] },
      c: NaN,
      d: {},
    };
    expect(jsonOf(value)).toBe(JSON.stringify({ ...value, a: { ...value.a, text: [1] } }));
  });

  it("writes a value that is not an object unchanged", () => {
    expect([null, "é", [1, { a: 2 }], true].map(jsonOf)).toEqual(["null", '"é"', '[1,{"a":2}]', "true"]);
  });
});

describe("textOfMatrix", () => {
  it("writes what JSON.stringify writes, and takes turns between rows", async () => {
    let turns = 0;
    const rows = Array.from({ length: 500 }, (_, i) => new Array<number>(1_000).fill(i));
    const text = await textOfMatrix(rows, new Turns(1, async () => void turns++));
    expect(text.$json).toBe(JSON.stringify(rows));
    expect(turns).toBe(2);
  });
});
