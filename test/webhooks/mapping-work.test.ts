// The work of a mapping is bounded: real payloads stay far below the bound, and a payload above it is refused.
import { describe, expect, it } from "vitest";
import type { MappingRule } from "../../src/contract/mapping.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { whatItAsks } from "../../src/webhooks/map-by-source.ts";
import { parsePayload } from "../../src/webhooks/payload.ts";
import { type SourceSettings, settingsOf } from "../../src/webhooks/source.ts";

const shape = { task: "classification", modality: "text" } as const;
const settings = (more: Partial<SourceSettings>): SourceSettings => ({
  ...settingsOf({ scheme: "standard-webhooks", action: "add" }),
  ...more,
});
const ask = (mapping: MappingRule | readonly MappingRule[], payload: unknown) =>
  whatItAsks(settings({ mapping: mapping as MappingRule }), shape, { payload }, new Headers());
const listOf = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const TOO_MUCH = {
  kind: "unmappable",
  reason: { code: "unmappable", detail: expect.stringContaining("read too much") },
};

describe("a delivery is mapped if", () => {
  it("it has as many examples of HTML as fit into its body", () => {
    const html = `<div><p>${"Words of a ticket that someone wrote. ".repeat(50)}</p></div>`;
    const items = listOf(LIMITS.examplesPerDelivery, (i) => ({ id: i, html, tag: "a" }));
    const each = (field: string) => ({ pointer: "/items", each: field, where: { "/tag": ["a", "b"] } });
    const rule = {
      text: { ...each("/html"), strip_html: true, lower_case: true },
      label: each("/tag"),
      id: each("/id"),
    };
    expect(ask(rule, { items })).toMatchObject({ kind: "changes", examples: { length: 500 } });
  });

  it("its conditions search an array with the most values of a payload", () => {
    const rules = listOf(20, (i) => ({ when: { "/list": `no ${i}` } }));
    const list = listOf(49_000, (i) => i);
    expect(ask([...rules, { when: { "/list": [-1, "48999"] }, text: { constant: "x" } }], { list })).toMatchObject({
      examples: [{ row: { text: "x" } }],
    });
  });
});

describe("a delivery is unmappable if", () => {
  it("its rules read too many places", () => {
    const deep = "/d".repeat(20);
    const where = Object.fromEntries(listOf(20, (i) => [`${deep}/${i}`, null]));
    const items = listOf(2_000, () => listOf(20, () => 0).reduce<object>((inner) => ({ d: inner }), {}));
    const field = { pointer: "/items", each: "/text", where, optional: true };
    const rule = { text: { constant: "x" }, label: field, id: field, split: field, group: field };
    expect(ask(rule, { items })).toMatchObject(TOO_MUCH);
  });

  it.each(["<b>", "<p>&lt;", "&amp;"])("it has a megabyte of %s to strip", (piece) => {
    const text = piece.repeat(1_000_000 / piece.length);
    expect(ask({ text: { pointer: "/text", strip_html: true } }, { text })).toMatchObject(TOO_MUCH);
  });

  it("repeatedly joined texts become longer than the delivery", () => {
    const join = listOf(20, () => "/text");
    expect(ask({ text: { join } }, { text: "a".repeat(1_000_000) })).toMatchObject(TOO_MUCH);
  });
});

it("a delivery is refused if the labels of its examples together exceed the limit of a delivery", () => {
  const tags = (count: number) => listOf(count, (i) => `tag ${i}`);
  const items = listOf(LIMITS.examplesPerDelivery, (i) => ({ id: i, text: `text ${i}` }));
  const each = (field: string) => ({ pointer: "/items", each: field });
  const settled = settings({ mapping: { text: each("/text"), id: each("/id"), labels: "/labels" } });
  const bring = (labels: string[]) =>
    whatItAsks(settled, { ...shape, task: "multilabel" }, { payload: { items, labels } }, new Headers());
  expect(bring(tags(20))).toMatchObject({ kind: "changes" });
  expect(bring(tags(21))).toMatchObject({
    kind: "unmappable",
    reason: { detail: expect.stringContaining("10500 labels together; the most is 10000. Send fewer examples") },
  });
});

describe("a condition on an array", () => {
  it("matches each spelling of its numbers, and nothing else", async () => {
    const parsed = await parsePayload(
      new TextEncoder().encode('{"list":[7,12345678901234567890,1.10,true,null,"t",[8],{}]}'),
    );
    if ("reason" in parsed) throw new Error("It is JSON");
    const fits = (wanted: string | number | boolean | null) =>
      ask({ when: { "/list": wanted }, text: { constant: "x" } }, parsed.payload).kind === "changes";
    const fitting = [7, "7", "12345678901234567890", "1.10", 1.1, true, null, "t"];
    expect(fitting.map(fits)).toEqual(fitting.map(() => true));
    const others = [8, "8", "12345678901234567891", "1.1", "true", false, "", "null"];
    expect(others.map(fits)).toEqual(others.map(() => false));
  });
});

it("the reason for ignoring a delivery shows the first of many values that a condition expects", () => {
  const wanted = listOf(50, (i) => `${"v".repeat(900)}${i}`);
  const asked = ask({ when: { "/a": wanted }, text: "/text" }, { a: 1 });
  if (asked.kind !== "ignored") throw new Error("No rule fits");
  expect(asked.reason.detail.length).toBeLessThan(1_000);
  expect(ask({ when: { "/a": ["b", "c"] }, text: "/text" }, { a: 1 })).toMatchObject({
    reason: { detail: 'No rule is for this delivery: /a is not ["b","c"]' },
  });
});

it("every part of a bulk event gets the fields around the parts", () => {
  const result = [{ from_name: "topic", value: { choices: ["billing"] } }];
  const payload = {
    action: "ANNOTATIONS_CREATED",
    project: { name: "p" },
    task: [{ id: 1, data: { text: "one" } }],
    annotation: [
      { id: 10, task: 1, result },
      { id: 11, task: 2, result },
      { id: 12, task: 1, result },
    ],
  };
  const mapping = { text: { join: ["/project/name", "/task/data/text"] } };
  const asked = whatItAsks(settings({ preset: "label-studio", mapping }), shape, { payload }, new Headers());
  expect(asked).toMatchObject({
    examples: [
      { row: { id: "10", text: "p one", label: "billing" } },
      { row: { id: "11", text: "p", label: "billing" } },
      { row: { id: "12", text: "p one", label: "billing" } },
    ],
  });
  expect(payload.annotation).toHaveLength(3);
});
