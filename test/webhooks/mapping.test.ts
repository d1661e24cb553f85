// Mappings from a payload to an example, a deletion or nothing. A failure names the pointer that caused it.

import { describe, expect, it } from "vitest";
import { type MappingRule, mapping as mappingSchema } from "../../src/contract/mapping.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { mapToTraining } from "../../src/webhooks/mapping.ts";
import { MappingWork } from "../../src/webhooks/mapping-work.ts";
import { deletion, map, missOf, rowOf } from "../support/mappings.ts";

describe("a pointer (RFC 6901)", () => {
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
      code: "unmappable",
      pointer,
      detail: `${pointer}, which should give the text, finds nothing`,
    });
  });

  it("never finds inherited members", () => {
    for (const pointer of ["/__proto__", "/constructor/name", "/toString", "/__proto__/polluted"]) {
      expect(missOf({ text: pointer }, {})).toMatchObject({ code: "unmappable", pointer });
    }
    expect(rowOf({ text: "/__proto__" }, JSON.parse('{"__proto__": "own"}'))).toEqual({ text: "own" });
  });
});

describe("fields", () => {
  it("join the texts of several places, skip missing ones, and write numbers as text", () => {
    const rule = { text: { join: ["/title", "/body", "/number"], separator: " | " } };
    expect(rowOf(rule, { title: "a", body: null, number: 7 })).toEqual({ text: "a | 7" });
    expect(missOf(rule, {})).toMatchObject({
      pointer: "/title",
      detail: expect.stringContaining("/title or /body or /number"),
    });
  });

  it("take labels from an array, from its items, and from nested arrays", () => {
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

  it("use the first item of an array as the only label, and report an empty array", () => {
    expect(rowOf({ label: "/tags" }, { tags: ["a", "b"] })).toEqual({ label: "a" });
    expect(missOf({ label: "/tags" }, { tags: [] })).toMatchObject({ pointer: "/tags" });
  });

  it("use the first pointer that finds a value", () => {
    const rule = { label: { first: ["/added", "/tags"] } };
    expect(rowOf(rule, { added: [], tags: ["b"] })).toEqual({ label: "b" });
    expect(rowOf(rule, { added: ["a"], tags: ["b"] })).toEqual({ label: "a" });
  });

  it("convert to lower case, strip HTML, and map labels to the head's names", () => {
    const rule = {
      text: { pointer: "/html", strip_html: true },
      label: { pointer: "/l", lower_case: true, names: { bug: "defect" } },
    };
    expect(rowOf(rule, { html: "<p>It <b>br</b>oke &amp; burnt</p><p>twice</p>", l: "BUG" })).toEqual({
      text: "It broke & burnt twice",
      label: "defect",
    });
    expect(rowOf({ label: { pointer: "/l", names: { a: "b" } } }, { l: "toString" })).toEqual({ label: "toString" });
  });

  it("give constants, and leave out missing optional fields", () => {
    const rule = { split: { constant: "test" }, id: { pointer: "/id", optional: true }, value: { constant: 3 } };
    expect(rowOf(rule, {})).toEqual({ split: "test", value: 3 });
  });

  it("read a value only from a number or a numeric text", () => {
    expect(rowOf({ value: "/v" }, { v: 1.5 })).toEqual({ value: 1.5 });
    expect(rowOf({ value: "/v" }, { v: "-2e3" })).toEqual({ value: -2000 });
    expect(rowOf({ value: "/v" }, { v: " .5 " })).toEqual({ value: 0.5 });
    for (const v of ["", " ", "five", "0x10", "Infinity", "1_000", "1,5", "0b1", true, false, {}, [], null, [true]]) {
      expect(missOf({ value: "/v" }, { v })).toMatchObject({ code: "unmappable", pointer: "/v" });
    }
  });

  it("pass a vector on unchanged", () => {
    expect(rowOf({ features: "/v" }, { v: [1, 2] })).toEqual({ features: [1, 2] });
  });

  it("report that an object or null is not a text", () => {
    expect(missOf({ text: "/t" }, { t: { a: 1 } })).toMatchObject({
      pointer: "/t",
      detail: expect.stringContaining("holds a value that is not a text"),
    });
    expect(missOf({ text: "/t" }, { t: null })).toMatchObject({ detail: expect.stringContaining("is null") });
    expect(missOf({ labels: "/t" }, { t: ["a", {}] })).toMatchObject({ pointer: "/t" });
  });
});

describe("conditions", () => {
  const fits = (when: MappingRule["when"], payload: unknown) => map({ when, text: { constant: "x" } }, payload).kind;

  it("expect a value, one of several, an item of an array, or a missing value", () => {
    expect(fits({ "/action": "labeled" }, { action: "labeled" })).toBe("changes");
    expect(fits({ "/action": ["a", "b"] }, { action: "b" })).toBe("changes");
    expect(fits({ "/tags": "vip" }, { tags: ["new", "vip"] })).toBe("changes");
    expect(fits({ "/gone": null }, {})).toBe("changes");
    expect(fits({ "/gone": null }, { gone: null })).toBe("changes");
    expect(fits({ "/a": 1, "/b": true }, { a: 1, b: true })).toBe("changes");
  });

  it("ignore other deliveries, and name the condition that does not hold", () => {
    expect(fits({ "/a": 1 }, { a: "1" })).toBe("ignored");
    expect(fits({ "/a": 1, "/b": true }, { a: 1 })).toBe("ignored");
    expect(map({ when: { "/action": "labeled" } }, { action: "closed" })).toMatchObject({
      reason: { code: "not_wanted", pointer: "/action", detail: expect.stringContaining('"labeled"') },
    });
  });

  it("select the first rule that applies to the payload", () => {
    const rules = [{ when: { "/kind": "a" }, label: { constant: "first" } }, { label: { constant: "rest" } }];
    expect(map(rules, { kind: "a" })).toMatchObject({ examples: [{ row: { label: "first" } }] });
    expect(map(rules, { kind: "b" })).toMatchObject({ examples: [{ row: { label: "rest" } }] });
  });

  it("delete by id, or by each id of an array", () => {
    const rule = { id: { first: ["/ids", "/id"], each: "/id" }, delete_when: { "/action": "deleted" }, text: "/text" };
    expect(map(rule, { action: "deleted", id: 7 })).toEqual(deletion("7"));
    expect(map(rule, { action: "deleted", ids: [{ id: 1 }, { id: 2 }] })).toEqual(deletion("1", "2"));
    expect(map(rule, { action: "deleted" })).toMatchObject({ kind: "unmappable" });
    expect(rowOf(rule, { action: "made", id: 7, text: "x" })).toEqual({ id: "7", text: "x" });
  });

  it("decide alone for a source that only trains", () => {
    const of = (payload: unknown) => ({ payload, headers: new Headers(), work: new MappingWork() });
    expect(mapToTraining([], of({ any: "thing" }))).toEqual({ kind: "train" });
    expect(mapToTraining([{ when: { "/done": true }, text: "/absent" }], of({ done: true }))).toEqual({
      kind: "train",
    });
    expect(mapToTraining([{ when: { "/done": true } }], of({ done: false })).kind).toBe("ignored");
  });
});

describe("headers", () => {
  const rule: MappingRule = {
    text: "/text",
    id: { header: "X-Delivery" },
    label: "header:X-Kind",
    when: { "header:x-event": "made" },
  };

  it("are read by fields and conditions in any case", () => {
    const headers = { "X-EVENT": "made", "x-delivery": "d1", "X-Kind": "a" };
    expect(rowOf(rule, { text: "hi" }, headers)).toEqual({ text: "hi", id: "d1", label: "a" });
    expect(map(rule, { text: "hi" }, { ...headers, "X-Event": "gone" })).toMatchObject({
      kind: "ignored",
      reason: { code: "not_wanted", header: "x-event" },
    });
    expect(map(rule, { text: "hi" }, { "X-Event": "made" })).toMatchObject({
      kind: "unmappable",
      reason: { header: "X-Kind", detail: expect.stringContaining("The header X-Kind") },
    });
    expect(rowOf({ label: { first: ["header:X-Kind", "/kind"] } }, { kind: "b" })).toEqual({ label: "b" });
  });

  it("cannot be read if they have a credential, a signature or an address", () => {
    const secret = [
      "Authorization",
      "Proxy-Authorization",
      "Cookie",
      "X-Hub-Signature-256",
      "webhook-signature",
      "X-Gitlab-Token",
      "X-Api-Key",
      "Stripe-Signature",
      "CF-Connecting-IP",
      "X-Forwarded-For",
      "X-Shopify-Hmac-Sha256",
      "X-Sig",
    ];
    for (const name of secret) {
      for (const bad of [{ text: `header:${name}` }, { text: { header: name } }, { when: { [`header:${name}`]: "x" } }])
        expect(mappingSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
      expect(
        rowOf({ text: { constant: "x" }, label: { pointer: `header:${name}`, optional: true } }, {}, { [name]: "y" }),
      ).toEqual({ text: "x" });
    }
    for (const name of ["X-GitHub-Event", "X-Author", "Idempotency-Key", "X-Zendesk-Webhook-Id"])
      expect(mappingSchema.safeParse({ text: `header:${name}` }).success, name).toBe(true);
  });
});

describe("a text", () => {
  const cut = (text: string, most: number) => rowOf({ text: { pointer: "/t", max_chars: most } }, { t: text });

  it("is truncated to a number of code points, never within a surrogate pair", () => {
    expect(cut("abc", 2)).toEqual({ text: "ab" });
    expect(cut("abc", 3)).toEqual({ text: "abc" });
    expect(cut("😀😀😀", 2)).toEqual({ text: "😀😀" });
    expect(cut("a😀b", 2)).toEqual({ text: "a😀" });
    const joined: MappingRule = { text: { join: ["/a", "/b"], strip_html: true, max_chars: 5 } };
    expect(rowOf(joined, { a: "<p>one</p>", b: "two" })).toEqual({ text: "one t" });
    for (const bad of [0, -1, 1.5, LIMITS.textChars + 1])
      expect(mappingSchema.safeParse({ text: { pointer: "/t", max_chars: bad } }).success, String(bad)).toBe(false);
  });

  it("is no id and no split if it is empty, as in an uploaded CSV", () => {
    const rule: MappingRule = {
      text: "/t",
      id: { pointer: "/id", optional: true },
      split: { pointer: "/s", optional: true },
    };
    expect(rowOf(rule, { t: "x", id: "", s: "" })).toEqual({ text: "x" });
    expect(missOf({ id: "/id" }, { id: "" })).toMatchObject({
      pointer: "/id",
      detail: expect.stringContaining("is empty"),
    });
  });
});
