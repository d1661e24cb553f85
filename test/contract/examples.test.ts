// What the schemas of uploads accept must be storable unchanged.
import { describe, expect, it } from "vitest";
import { examplePatch, exampleRow } from "../../src/contract/examples.ts";
import { newHead } from "../../src/contract/heads.ts";
import { LIMITS } from "../../src/core/limits.ts";

const accepts = (row: object): boolean => exampleRow.safeParse({ text: "x", label: "a", ...row }).success;

describe("a row", () => {
  it.each([
    ["an unknown field", { lable: "a" }],
    ["an empty label", { label: "" }],
    ["a label of white space", { label: " \t\u3000" }],
    ["a label that is too long", { label: "x".repeat(LIMITS.labelChars + 1) }],
    ["a label that is a number", { label: 1 }],
    ["an empty id", { id: "" }],
    ["an id with a line break", { id: "a\nb" }],
    ["an id with a NUL", { id: "a\0" }],
    ["an unknown split", { split: "dev" }],
  ])("is refused for %s", (_, row) => {
    expect(accepts(row)).toBe(false);
  });

  it.each([
    ["the longest label", { label: "é".repeat(LIMITS.labelChars) }],
    ["an emoji label", { label: "🏺" }],
    ["an id of slashes, spaces and quotes", { id: "a/b c'\"%?#" }],
    ["a split", { split: "validation" }],
  ])("is accepted with %s", (_, row) => {
    expect(accepts(row)).toBe(true);
  });
});

// A lone surrogate (JSON "\ud800") is not a character. SQLite stores three bytes that are not UTF-8 and returns three U+FFFD. A
// label is then not found by the name under which it was just written ("NOT NULL constraint failed: examples.label", a 500 for
// the caller), and an id is added again each time it is sent.
describe("a lone surrogate", () => {
  const wellFormed = ({ success, data }: { success: boolean; data?: object | undefined }): boolean =>
    !success || JSON.stringify(data).includes("\\ud800") === false;

  it("is refused or replaced in a label", () => {
    expect(wellFormed(exampleRow.safeParse({ text: "x", label: "a\ud800" }))).toBe(true);
    expect(wellFormed(examplePatch.safeParse({ label: "a\ud800" }))).toBe(true);
  });

  it("is refused or replaced in an id", () => {
    expect(wellFormed(exampleRow.safeParse({ id: "a\ud800", text: "x", label: "a" }))).toBe(true);
  });

  it("is refused or replaced in the labels that a head is created with", () => {
    const head = { id: "h", task: "classification", backbone: "text-embedded", labels: ["a", "b\ud800"] };
    expect(wellFormed(newHead.safeParse(head))).toBe(true);
  });
});
