// Objects and arguments are written as literals, not packed by a spread of a literal.
import { expect, it } from "vitest";
import { packedLines } from "./packing.ts";
import { sourceFiles } from "./source.ts";

it.each([
  "const a = { ...{ b: 1 } };",
  "const a = { ...(c ? { b: 1 } : {}) };",
  "const a = { ...(c && { b: 1 }) };",
  "const a = { ...(c ?? ({ b: 1 } as const)) };",
  "f(...[1, 2]);",
  "f(0, ...(c ? [1] : []));",
  "new F(...([1, 2] as const));",
  "const f = (...[a, b]: [number, number]) => a + b;",
  "interface F { g(...args: [a: number, b?: number]): void }",
  "type Args = [...[a: number, b: number], c: number];",
])("the check finds the packed literal in %s", (text) => {
  expect(packedLines("a.ts", `\n${text}`)).toEqual([2]);
});

it.each([
  "const a = { ...b, c: { d: 1 } };",
  "const a = { ...f({ b: 1 }) };",
  "const a = [...(c ? [1] : []), 2];",
  "f(...args, 1);",
  "type Args = [...Other, c: number];",
  "const f = (...all: number[]) => all;",
])("the check finds nothing in %s", (text) => {
  expect(packedLines("a.ts", text)).toEqual([]);
});

it("all objects and arguments are written as literals", () => {
  const files = sourceFiles("src", "durable", "build", "test");
  expect(files.flatMap(({ path, text }) => packedLines(path, text).map((line) => `${path}:${line}`))).toEqual([]);
});
