// The target of an example, by the head's task: its field, its canonical form, and the text of a refusal.
import { describe, expect, it } from "vitest";
import { exampleRow } from "../../src/contract/examples.ts";
import { labelsIn, type Target, targetOf, targetText } from "../../src/contract/targets.ts";
import { LIMITS } from "../../src/core/limits.ts";

const accepts = (row: object): boolean => exampleRow.safeParse({ text: "x", ...row }).success;
const many = (count: number, label = (i: number) => `l${i}`) => Array.from({ length: count }, (_, i) => label(i));

describe("the field of a task", () => {
  it("becomes the target", () => {
    expect(targetOf("classification", { label: "a" })).toEqual({ label: "a" });
    expect(targetOf("multilabel", { labels: ["a"] })).toEqual({ labels: ["a"] });
    expect(targetOf("regression", { value: 0 })).toEqual({ value: 0 });
  });

  it.each([
    ["classification", {}, "invalid_label", "/label", 'this head is classification: give "label", a string'],
    ["multilabel", {}, "invalid_label", "/labels", 'this head is multilabel: give "labels", an array'],
    ["regression", {}, "invalid_value", "/value", 'this head is regression: give "value", a number'],
    ["multilabel", { label: "a" }, "invalid_label", "/label", 'this head is multilabel: give "labels", an array'],
    ["regression", { labels: [] }, "invalid_value", "/labels", 'this head is regression: give "value", a number'],
    ["classification", { value: 0 }, "invalid_label", "/value", 'this head is classification: give "label", a string'],
  ] as const)(
    "is required: a %s head refuses %j, and says which field to give",
    (task, fields, code, pointer, detail) => {
      expect(targetOf(task, fields)).toEqual({ code, pointer, detail });
    },
  );

  it("is refused together with the field of another task, with a pointer to the other field", () => {
    expect(targetOf("multilabel", { label: "a", labels: ["a"] })).toEqual({
      code: "invalid_label",
      pointer: "/label",
      detail: 'this head is multilabel: give "labels", an array and no "label"',
    });
  });
});

describe("labels", () => {
  it("become a set in code-unit order, whatever order they were sent in", () => {
    const written = ["b", "a", "\u{1f3fa}", "b", "\uffee", "A"];
    expect(targetOf("multilabel", { labels: written })).toEqual({ labels: ["A", "a", "b", "\u{1f3fa}", "\uffee"] });
  });

  it.each([
    ["nothing", { labels: [] }],
    ["as many as a head may have", { labels: many(LIMITS.labelsPerHead) }],
    ["the longest", { labels: ["x".repeat(LIMITS.labelChars)] }],
  ])("may be %s", (_, row) => expect(accepts(row)).toBe(true));

  it.each([
    ["a number among them", { labels: [1] }],
    ["an empty one", { labels: [""] }],
    ["a blank one", { labels: ["a", " "] }],
    ["half a surrogate pair", { labels: ["\ud800"] }],
    ["null for the array", { labels: null }],
    ["text for the array", { labels: "a" }],
    ["an object for the array", { labels: { 0: "a" } }],
    ["more than a head may have", { labels: many(LIMITS.labelsPerHead + 1) }],
    // 200 such examples make a page, and a page must fit into one call between objects.
    ["more characters than a text", { labels: many(101, (i) => `${i}`.padEnd(200, "x")) }],
  ])("are refused with %s", (_, row) => expect(accepts(row)).toBe(false));
});

describe("a value", () => {
  it.each([0, -0, -1.5, 1e-300, 3.4028234663852886e38, 2 ** 53 + 2])("may be %d", (value) =>
    expect(accepts({ value })).toBe(true),
  );

  it.each(["3", 1e39, -1e39, Number.NaN, Number.POSITIVE_INFINITY, null, [1], true])("may not be %j", (value) =>
    expect(accepts({ value })).toBe(false),
  );

  it("becomes 0 if it is −0", () => {
    expect(targetOf("regression", { value: -0 })).toEqual({ value: 0 });
  });
});

it("two targets have the same text only if they are equal", () => {
  const targets: Target[] = [
    ...[{ label: "a" }, { label: "a,b" }, { labels: [] }, { labels: ["a,b"] }, { labels: ["a", "b"] }],
    ...[{ value: 1 }, { value: 1 + Number.EPSILON }],
  ];
  expect(new Set(targets.map(targetText)).size).toBe(targets.length);
  expect(targets.map(targetText)).toEqual(targets.map((target) => targetText(structuredClone(target))));
});

it("labelsIn returns the labels of a target, and none for a value", () => {
  expect([{ label: "a" }, { labels: ["a", "b"] }, { value: 1 }].map(labelsIn)).toEqual([["a"], ["a", "b"], []]);
});
