// Mappings: from a payload to an example, a deletion or nothing, with the pointer that is to blame named.
import { describe, expect, it } from "vitest";
import { type Mapped, type MappingRule, mapping as mappingSchema } from "../../src/contract/mapping.ts";
import { mapPayload, mapToTraining } from "../../src/webhooks/mapping.ts";
import { isTooDeep, parsePayload } from "../../src/webhooks/payload.ts";
import { stripHtml } from "../../src/webhooks/strip-html.ts";

const map = (rule: MappingRule | readonly MappingRule[], payload: unknown): Mapped =>
  mapPayload(Array.isArray(rule) ? rule : [rule as MappingRule], payload);
const rowOf = (rule: MappingRule, payload: unknown) => {
  const mapped = map(rule, payload);
  return mapped.kind === "example" ? mapped.row : mapped;
};
const missOf = (rule: MappingRule, payload: unknown) => {
  const mapped = map(rule, payload);
  return mapped.kind === "unmappable" ? mapped.reason : mapped;
};

describe("pointers (RFC 6901)", () => {
  it.each([
    ["", { a: 1 }, undefined],
    ["/a", { a: "x" }, "x"],
    ["/a/0/b", { a: [{ b: "x" }] }, "x"],
    ["/a~1b/m~0n", { "a/b": { "m~n": "x" } }, "x"],
    ["/~01", { "~1": "x" }, "x"],
    ["/", { "": "x" }, "x"],
  ])("finds %j", (pointer, payload, text) => {
    if (text !== undefined) expect(rowOf({ text: pointer }, payload)).toEqual({ text });
    else expect(missOf({ text: pointer }, payload)).toMatchObject({ pointer: "" });
  });

  it.each(["/a/01", "/a/-", "/a/1e0", "/a/9", "/a/length", "/b", "/a/0/c"])("finds nothing at %j", (pointer) => {
    expect(missOf({ text: pointer }, { a: [{ b: "x" }] })).toEqual({
      ...{ code: "unmappable", pointer, detail: `${pointer}, which should give the text, finds nothing` },
    });
  });

  it("never leads to what objects inherit", () => {
    for (const pointer of ["/__proto__", "/constructor/name", "/toString", "/__proto__/polluted"]) {
      expect(missOf({ text: pointer }, {})).toMatchObject({ code: "unmappable", pointer });
    }
    expect(rowOf({ text: "/__proto__" }, JSON.parse('{"__proto__": "own"}'))).toEqual({ text: "own" });
  });
});

describe("fields", () => {
  it("joins the texts of several places, some of them missing, and writes numbers out", () => {
    const rule = { text: { join: ["/title", "/body", "/number"], separator: " | " } };
    expect(rowOf(rule, { title: "a", body: null, number: 7 })).toEqual({ text: "a | 7" });
    expect(missOf(rule, {})).toMatchObject({ pointer: "/title or /body or /number" });
  });

  it("takes labels from an array, from items of one, and from arrays within", () => {
    expect(rowOf({ labels: "/tags" }, { tags: ["a", "b"] })).toEqual({ labels: ["a", "b"] });
    const each = { labels: { pointer: "/labels", each: "/name" } };
    expect(rowOf(each, { labels: [{ name: "a" }, { other: 1 }, { name: "b" }] })).toEqual({ labels: ["a", "b"] });
    const nested = { labels: { pointer: "/result", each: "/value/choices" } };
    expect(rowOf(nested, { result: [{ value: { choices: ["a", "b"] } }, { value: { text: ["no"] } }] })).toEqual({
      labels: ["a", "b"],
    });
    expect(rowOf({ labels: "/tags" }, { tags: [] })).toEqual({ labels: [] });
    expect(rowOf({ labels: "/tag" }, { tag: "a" })).toEqual({ labels: ["a"] });
  });

  it("takes the first item of an array as the one label, and says when there is none", () => {
    expect(rowOf({ label: "/tags" }, { tags: ["a", "b"] })).toEqual({ label: "a" });
    expect(missOf({ label: "/tags" }, { tags: [] })).toMatchObject({ pointer: "/tags" });
  });

  it("takes the first pointer that finds something", () => {
    const rule = { label: { first: ["/added", "/tags"] } };
    expect(rowOf(rule, { added: [], tags: ["b"] })).toEqual({ label: "b" });
    expect(rowOf(rule, { added: ["a"], tags: ["b"] })).toEqual({ label: "a" });
  });

  it("lower-cases, strips HTML, and gives labels the names you use", () => {
    const rule = {
      text: { pointer: "/html", strip_html: true },
      label: { pointer: "/l", lower_case: true, names: { bug: "defect" } },
    };
    expect(rowOf(rule, { html: "<p>It <b>br</b>oke &amp; burnt</p><p>twice</p>", l: "BUG" })).toEqual({
      ...{ text: "It broke & burnt twice", label: "defect" },
    });
    expect(rowOf({ label: { pointer: "/l", names: { a: "b" } } }, { l: "toString" })).toEqual({ label: "toString" });
  });

  it("gives constants, and leaves out what is optional and missing", () => {
    const rule = { split: { constant: "test" }, id: { pointer: "/id", optional: true }, value: { constant: 3 } };
    expect(rowOf(rule, {})).toEqual({ split: "test", value: 3 });
  });

  it("reads a value from a number or a text that is one, and nothing else", () => {
    expect(rowOf({ value: "/v" }, { v: 1.5 })).toEqual({ value: 1.5 });
    expect(rowOf({ value: "/v" }, { v: "-2e3" })).toEqual({ value: -2000 });
    for (const v of ["", " ", "five", true, {}, [], null]) {
      expect(missOf({ value: "/v" }, { v })).toMatchObject({ code: "unmappable", pointer: "/v" });
    }
  });

  it("hands a vector on as it is", () => {
    expect(rowOf({ features: "/v" }, { v: [1, 2] })).toEqual({ features: [1, 2] });
  });

  it("says that an object or null is no text", () => {
    expect(missOf({ text: "/t" }, { t: { a: 1 } })).toMatchObject({
      pointer: "/t",
      detail: expect.stringContaining("no text"),
    });
    expect(missOf({ text: "/t" }, { t: null })).toMatchObject({ detail: expect.stringContaining("is null") });
    expect(missOf({ labels: "/t" }, { t: ["a", {}] })).toMatchObject({ pointer: "/t" });
  });
});

describe("conditions", () => {
  const fits = (when: MappingRule["when"], payload: unknown) => map({ when, text: { constant: "x" } }, payload).kind;

  it("wants a value, one of several, an item of an array, or nothing there", () => {
    expect(fits({ "/action": "labeled" }, { action: "labeled" })).toBe("example");
    expect(fits({ "/action": ["a", "b"] }, { action: "b" })).toBe("example");
    expect(fits({ "/tags": "vip" }, { tags: ["new", "vip"] })).toBe("example");
    expect(fits({ "/gone": null }, {})).toBe("example");
    expect(fits({ "/gone": null }, { gone: null })).toBe("example");
    expect(fits({ "/a": 1, "/b": true }, { a: 1, b: true })).toBe("example");
  });

  it("ignores the rest, naming the condition that does not hold", () => {
    expect(fits({ "/a": 1 }, { a: "1" })).toBe("ignored");
    expect(fits({ "/a": 1, "/b": true }, { a: 1 })).toBe("ignored");
    expect(map({ when: { "/action": "labeled" } }, { action: "closed" })).toMatchObject({
      reason: { code: "not_wanted", pointer: "/action", detail: expect.stringContaining('"labeled"') },
    });
  });

  it("goes by the first rule that is for the payload", () => {
    const rules = [{ when: { "/kind": "a" }, label: { constant: "first" } }, { label: { constant: "rest" } }];
    expect(map(rules, { kind: "a" })).toMatchObject({ row: { label: "first" } });
    expect(map(rules, { kind: "b" })).toMatchObject({ row: { label: "rest" } });
  });

  it("deletes by id, or by each id of an array", () => {
    const rule = { id: { first: ["/ids", "/id"], each: "/id" }, delete_when: { "/action": "deleted" }, text: "/text" };
    expect(map(rule, { action: "deleted", id: 7 })).toEqual({ kind: "delete", ids: ["7"] });
    expect(map(rule, { action: "deleted", ids: [{ id: 1 }, { id: 2 }] })).toEqual({ kind: "delete", ids: ["1", "2"] });
    expect(map(rule, { action: "deleted" })).toMatchObject({ kind: "unmappable" });
    expect(map(rule, { action: "made", id: 7, text: "x" })).toMatchObject({
      kind: "example",
      row: { id: "7", text: "x" },
    });
  });

  it("asks a source that only trains no more than its conditions", () => {
    expect(mapToTraining([], { any: "thing" })).toEqual({ kind: "train" });
    expect(mapToTraining([{ when: { "/done": true }, text: "/absent" }], { done: true })).toEqual({ kind: "train" });
    expect(mapToTraining([{ when: { "/done": true } }], { done: false }).kind).toBe("ignored");
  });
});

describe("hostile payloads and mappings", () => {
  it("refuses what is nested deeper than a copy could follow, and reads what is not", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const parse = (text: string) => parsePayload(new TextEncoder().encode(text));
    expect(parse(nested(400_000))).toMatchObject({ reason: { code: "unmappable" } });
    expect("payload" in parse(nested(90))).toBe(true);
    expect(isTooDeep({ wide: Array.from({ length: 200_000 }, () => 0) })).toBe(false);
    for (const text of ["", "{", "NaN", "\u00ff{"]) expect("reason" in parse(text), text).toBe(true);
    expect(parsePayload(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ reason: { code: "unmappable" } });
  });

  it("strips a million characters of anything in one pass", () => {
    for (const piece of ["<", "<p", "<!--", "<script>", "</", "&", "&#", "<b>", "</script"]) {
      const before = performance.now();
      stripHtml(piece.repeat(Math.ceil(1_000_000 / piece.length)));
      expect(performance.now() - before, piece).toBeLessThan(2_000);
    }
  });

  it.each([
    ["<script>alert(1)</script >hi<STYLE>b{}</STYLE> there", "hi there"],
    ["a < b and b > c", "a < b and b > c"],
    ["1&nbsp;&lt;&#50;&#x33;&bogus;&#xD800;", "1 <23&bogus;"],
    ["a<br/>b<!-- c -->d", "a b d"],
    ["unfinished <a href='", "unfinished <a href='"],
  ])("strips %j", (html, text) => expect(stripHtml(html)).toBe(text));

  it("refuses a mapping that is none", () => {
    for (const bad of [
      { text: "no/slash" },
      { text: "/a~2" },
      { text: {} },
      { text: { pointer: "/a", constant: "x" } },
    ]) {
      expect(mappingSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
    for (const bad of [{ when: { action: 1 } }, { colour: "/a" }, { text: `/${"a/".repeat(40)}` }, []]) {
      expect(mappingSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });
});
