// The result of a mapping for a whole payload: several examples, deletions, or nothing.
import { describe, expect, it } from "vitest";
import type { MappingRule } from "../../src/contract/mapping.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { deletion, map, missOf, rowOf, rowsOf } from "../support/mappings.ts";

describe("several examples", () => {
  const each = (pointer: string, inside: string) => ({ pointer, each: inside });
  const rule: MappingRule = { text: each("", "/text"), label: each("", "/label"), id: each("", "/id") };
  const items = [1, 2, 3].map((id) => ({ id, text: `text ${id}`, label: "a", tags: ["x", "y"] }));

  it("are one for each item, field by field", () => {
    expect(rowsOf(rule, items)).toEqual(items.map(({ id, text, label }) => ({ id: String(id), text, label })));
    const nested = {
      ...rule,
      text: each("/rows", "/text"),
      label: "/label",
      id: undefined,
      split: { constant: "test" },
    };
    expect(rowsOf(nested, { rows: items, label: "same" })).toEqual(
      items.map(({ text }) => ({ text, label: "same", split: "test" })),
    );
    expect(rowsOf({ text: each("", "/text"), labels: each("", "/tags") }, items)).toEqual(
      items.map(({ text }) => ({ text, labels: ["x", "y"] })),
    );
    expect(
      rowsOf({ features: each("", "/at"), value: each("", "/v") }, [
        { at: [1, 2], v: "1.5" },
        { at: [3, 4], v: 2 },
      ]),
    ).toEqual([
      { features: [1, 2], value: 1.5 },
      { features: [3, 4], value: 2 },
    ]);
  });

  it("are one example if there is an object instead of an array", () => {
    expect(rowsOf(rule, { id: 1, text: "x", label: "a" })).toEqual([{ id: "1", text: "x", label: "a" }]);
  });

  it("come only from items that fulfil the condition", () => {
    const where = { "/kind": "a" };
    const some = [
      { kind: "a", text: "x" },
      { kind: "b", text: "y" },
    ];
    expect(rowsOf({ text: { ...each("", "/text"), where }, label: { constant: "l" } }, some)).toEqual([
      { text: "x", label: "l" },
    ]);
  });

  it("are all refused, with the name of the field, if one lacks a field", () => {
    const [first, , third] = items;
    expect(missOf(rule, [first, { id: 2, label: "a" }, third])).toMatchObject({
      code: "unmappable",
      pointer: "/1/text",
    });
    expect(missOf(rule, [first, { id: 2, text: "x", label: null }])).toMatchObject({ pointer: "/1/label" });
  });

  it("are none if the array is empty, or no item fulfils the condition", () => {
    expect(rowsOf(rule, [])).toEqual([]);
    expect(
      rowsOf(
        { ...rule, text: { ...each("", "/text"), where: { "/id": 9 } }, label: { constant: "a" }, id: undefined },
        items,
      ),
    ).toEqual([]);
  });

  it("are refused if the fields find different numbers of items, or too many", () => {
    const uneven = { text: each("/texts", ""), label: each("/labels", "") };
    expect(missOf(uneven, { texts: ["a", "b"], labels: ["x"] })).toMatchObject({ pointer: "/labels" });
    expect(rowsOf(uneven, { texts: ["a", "b"], labels: ["x", "y"] })).toHaveLength(2);
    const many = Array.from({ length: LIMITS.examplesPerDelivery + 1 }, (_, i) => ({ id: i, text: "x", label: "a" }));
    expect(missOf(rule, many)).toMatchObject({ detail: expect.stringContaining(String(LIMITS.examplesPerDelivery)) });
  });

  it("need their own ids: with one id for all, only the first item is an example", () => {
    expect(
      rowsOf({ ...rule, id: "/thread", text: each("/items", "/text"), label: { constant: "a" } }, { thread: 9, items }),
    ).toEqual([{ id: "9", text: "text 1", label: "a" }]);
  });
});

describe("the reason for ignoring a delivery", () => {
  it("is the failed condition of the rule with the most conditions that hold", () => {
    const rules: MappingRule[] = [
      { when: { "/type": "ticket", "/action": "deleted" } },
      { when: { "/type": "issue", "/action": "labeled", "/state": "open" } },
      { when: { "/type": "note" } },
    ];
    expect(map(rules, { type: "issue", action: "labeled", state: "closed" })).toMatchObject({
      reason: { pointer: "/state", detail: expect.stringContaining('"open"') },
    });
    expect(map(rules, { type: "ticket", action: "made" })).toMatchObject({ reason: { pointer: "/action" } });
    expect(map(rules, {})).toMatchObject({ reason: { pointer: "/type", detail: expect.stringContaining('"ticket"') } });
  });

  it("names one pointer, even if several were read", () => {
    const of = (rule: MappingRule) => missOf(rule, { a: {} });
    expect(of({ label: { first: ["/x", "/y"] } })).toMatchObject({
      pointer: "/x",
      detail: expect.stringContaining("/x or /y"),
    });
    expect(of({ label: { first: ["/a", "/y"] } })).toMatchObject({ pointer: "/a" });
    expect(of({ id: { first: ["/x", "/y"], each: "/id" }, delete_when: {} })).toMatchObject({ pointer: "/x" });
  });
});

describe("deletions", () => {
  it("need one set of conditions that holds, if there are several sets", () => {
    const rule: MappingRule = { id: "/id", text: "/t", delete_when: [{ "/gone": true }, { "/labels/0": null }] };
    expect(map(rule, { id: 1, t: "x", labels: [] })).toEqual(deletion("1"));
    expect(map(rule, { id: 1, t: "x", labels: ["a"], gone: true })).toEqual(deletion("1"));
    expect(rowsOf(rule, { id: 1, t: "x", labels: ["a"] })).toHaveLength(1);
  });

  it("need a setting of the rule if their examples have no label, and never follow from an unreadable label", () => {
    const rule: MappingRule = {
      id: "/id",
      text: "/t",
      label: { pointer: "/l", each: "/name" },
      delete_unlabelled: true,
    };
    expect(map(rule, { id: 1, t: "x", l: [] })).toEqual(deletion("1"));
    expect(map(rule, { id: 1, t: "x" })).toEqual(deletion("1"));
    expect(map(rule, { id: 1, t: "x", l: [{ name: { deep: 1 } }] }).kind).toBe("unmappable");
    expect(rowOf(rule, { id: 1, t: "x", l: [{ name: "a" }] })).toEqual({ id: "1", text: "x", label: "a" });
  });

  it("name the group of their examples if they delete by group", () => {
    const rule: MappingRule = { group: { pointer: "/tasks", each: "/id" }, delete_when: {} };
    expect(map(rule, { tasks: [{ id: 1 }, { id: 2 }] })).toEqual({
      ...deletion(),
      deletedGroups: [{ name: "1" }, { name: "2" }],
    });
    const made = map({ text: "/t", group: "/task" }, { t: "x", task: 7 });
    expect(made).toMatchObject({ examples: [{ row: { text: "x" }, group: "7" }] });
  });
});
