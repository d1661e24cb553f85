// Mappings: from a payload to an example, a deletion or nothing, with the pointer that is to blame named.
import { describe, expect, it } from "vitest";
import { type Mapped, type MappingRule, mapping as mappingSchema } from "../../src/contract/mapping.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { mapDelivery, mapToTraining } from "../../src/webhooks/mapping.ts";
import { MappingWork } from "../../src/webhooks/mapping-work.ts";
import { parsePayload } from "../../src/webhooks/payload.ts";
import { stripHtml } from "../../src/webhooks/strip-html.ts";
import { seededRandom } from "../support/random.ts";

const map = (
  rule: MappingRule | readonly MappingRule[],
  payload: unknown,
  headers: Record<string, string> = {},
): Mapped =>
  mapDelivery(Array.isArray(rule) ? rule : [rule as MappingRule], {
    payload,
    headers: new Headers(headers),
    work: new MappingWork(),
  });
const rowsOf = (rule: MappingRule, payload: unknown, headers: Record<string, string> = {}) => {
  const mapped = map(rule, payload, headers);
  return mapped.kind === "changes" ? mapped.examples.map(({ row }) => row) : mapped;
};
const rowOf = (rule: MappingRule, payload: unknown, headers: Record<string, string> = {}) => {
  const rows = rowsOf(rule, payload, headers);
  return Array.isArray(rows) && rows.length === 1 ? rows[0] : rows;
};
const deletion = (...deletes: string[]) => ({
  kind: "changes",
  examples: [],
  deletes: deletes.map((name) => ({ name })),
  deletedGroups: [],
  reason: null,
});
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

describe("numbers", () => {
  const parsed = async (json: string) => {
    const read = await parsePayload(new TextEncoder().encode(json));
    if (!("payload" in read)) throw new Error(read.reason.detail);
    return read.payload;
  };
  const WRITTEN = [
    "1e-7",
    "0.00000012",
    "100.0",
    "12345678901234567890.5",
    "9007199254740993",
    "820982911946154508",
    "-9007199254740993",
    "1.10",
    "1e3",
    "1E+3",
    "0.1000000000000000055511",
    "-0",
    "7",
    "1.5",
  ];

  it.each(WRITTEN)("keep every digit of %s as id and as text", async (written) => {
    const payload = await parsed(`{"n": ${written}, "list": [{"n": ${written}}], "other": "12345678901234567890"}`);
    expect(rowOf({ id: "/n", text: { join: ["/n", "/other"] } }, payload)).toEqual({
      id: written,
      text: `${written} 12345678901234567890`,
    });
    expect(rowOf({ labels: { pointer: "/list", each: "/n" } }, payload)).toEqual({ labels: [written] });
    expect(map({ id: { pointer: "/list", each: "/n" }, delete_when: {} }, payload)).toEqual(deletion(written));
  });

  it("are JavaScript numbers in vectors and values", async () => {
    const payload = await parsed('{"v": 1.10, "at": [1.0, 1e-05, 0.30000000000000004]}');
    expect(rowOf({ value: "/v" }, payload)).toEqual({ value: 1.1 });
    expect(rowOf({ features: "/at" }, payload)).toEqual({ features: [1, 0.00001, 0.30000000000000004] });
  });

  it("of every form are preserved, and those that JavaScript writes in the same way stay plain", async () => {
    const random = seededRandom(11);
    const digits = (most: number) => Array.from({ length: 1 + random.below(most) }, () => random.below(10)).join("");
    for (let i = 0; i < 3_000; i++) {
      const whole = String(BigInt(digits(20)));
      const exponent =
        random.below(4) === 0 ? `${"eE"[random.below(2)]}${["", "+", "-"][random.below(3)]}${random.below(30)}` : "";
      const written = `${["", "-"][random.below(2)]}${whole}${random.below(2) === 0 ? `.${digits(12)}` : ""}${exponent}`;
      expect(rowOf({ id: "/a/0" }, await parsed(`{"t":"x","a":[${written}]}`)), written).toEqual({ id: written });
    }
    expect(await parsed("[0, 1.5, 0.30000000000000004, -7, 1234567890123456]")).toEqual([
      0, 1.5, 0.30000000000000004, -7, 1234567890123456,
    ]);
  });

  it("in texts stay texts, and no text, name or large number is parsed as a number", async () => {
    const text = '1e3 \\" 1.10, [2.0] \\\\';
    const json = `{"a":"${text}","1.10":"x\\\\","b":[4503599627370496,4503599627370497,9007199254740991,1.10],"__proto__":{"n":2.50},"n":1.0}`;
    const payload = await parsed(json);
    expect(rowOf({ text: "/a" }, payload)).toEqual({ text: JSON.parse(`"${text}"`) });
    expect(rowOf({ labels: "/b", id: "/__proto__/n" }, payload)).toEqual({
      labels: ["4503599627370496", "4503599627370497", "9007199254740991", "1.10"],
      id: "2.50",
    });
    expect(rowOf({ label: "/1.10", id: "/n" }, payload)).toEqual({ label: "x\\", id: "1.0" });
    expect(({} as { n?: number }).n).toBeUndefined();
    expect(rowOf({ id: "" }, await parsed("1.10"))).toEqual({ id: "1.10" });
  });

  it("are scalars: no pointer reaches into one, and `each` never treats one as an item", async () => {
    const payload = await parsed('{"n": 1.10, "list": [1.10, 1e3]}');
    for (const pointer of ["/n/source", "/n/0", "/list/0/source"])
      expect(missOf({ text: pointer }, payload)).toMatchObject({ code: "unmappable", pointer });
    expect(rowsOf({ text: { pointer: "/n", each: "/x" }, label: { constant: "a" } }, payload)).toEqual([
      { text: "1.10", label: "a" },
    ]);
    expect(rowsOf({ text: { pointer: "/list", each: "" }, label: { constant: "a" } }, payload)).toMatchObject([
      { text: "1.10" },
      { text: "1e3" },
    ]);
  });

  it("match a condition with the same text or the same number", async () => {
    const kindOf = async (when: MappingRule["when"], json: string) =>
      map({ when, text: { constant: "x" } }, await parsed(json)).kind;
    expect(await kindOf({ "/id": "820982911946154508" }, '{"id": 820982911946154508}')).toBe("changes");
    expect(await kindOf({ "/id": "820982911946154508" }, '{"id": 820982911946154509}')).toBe("ignored");
    expect(await kindOf({ "/ids": ["820982911946154508"] }, '{"ids": [1, 820982911946154508]}')).toBe("changes");
    expect(await kindOf({ "/id": "7" }, '{"id": 7}')).toBe("changes");
    expect(await kindOf({ "/n": 1000 }, '{"n": 1e3}')).toBe("changes");
    expect(await kindOf({ "/n": 1.1 }, '{"n": 1.10}')).toBe("changes");
  });

  it("beyond 2^53 are refused in conditions, because JSON parsers round them", async () => {
    expect(mappingSchema.safeParse({ when: { "/id": Number("820982911946154508") } }).success).toBe(false);
    expect(mappingSchema.safeParse({ when: { "/id": 1e300 } }).success).toBe(false);
    expect(mappingSchema.safeParse({ when: { "/id": 0.5 } }).success).toBe(true);
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

  it("with a credential, a signature or an address cannot be read", () => {
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

  it("that is empty is no id and no split, as in an uploaded CSV", () => {
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
  it("with several sets of conditions need one set that holds", () => {
    const rule: MappingRule = { id: "/id", text: "/t", delete_when: [{ "/gone": true }, { "/labels/0": null }] };
    expect(map(rule, { id: 1, t: "x", labels: [] })).toEqual(deletion("1"));
    expect(map(rule, { id: 1, t: "x", labels: ["a"], gone: true })).toEqual(deletion("1"));
    expect(rowsOf(rule, { id: 1, t: "x", labels: ["a"] })).toHaveLength(1);
  });

  it("of examples without a label need a setting of the rule, and never follow from an unreadable label", () => {
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

  it("by group name the group of their examples", () => {
    const rule: MappingRule = { group: { pointer: "/tasks", each: "/id" }, delete_when: {} };
    expect(map(rule, { tasks: [{ id: 1 }, { id: 2 }] })).toEqual({
      ...deletion(),
      deletedGroups: [{ name: "1" }, { name: "2" }],
    });
    const made = map({ text: "/t", group: "/task" }, { t: "x", task: 7 });
    expect(made).toMatchObject({ examples: [{ row: { text: "x" }, group: "7" }] });
  });
});

describe("hostile payloads and mappings", () => {
  it("are refused if they are nested too deeply to be copied, and read otherwise", async () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const parse = (text: string) => parsePayload(new TextEncoder().encode(text));
    expect(await parse(nested(400_000))).toMatchObject({ reason: { code: "unmappable" } });
    expect("payload" in (await parse(nested(90)))).toBe(true);
    const wide = (length: number) => `{"wide": [${Array(length).fill("1e0").join()}]}`;
    expect("payload" in (await parse(wide(LIMITS.payloadValues - 2)))).toBe(true);
    expect(await parse(wide(LIMITS.payloadValues))).toMatchObject({
      reason: { code: "unmappable", detail: expect.stringContaining("values") },
    });
    for (const text of ["", "{", "NaN", "\u00ff{"]) expect("reason" in (await parse(text)), text).toBe(true);
    expect(await parsePayload(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ reason: { code: "unmappable" } });
  });

  it("cannot make it search more items of an array than the limit", () => {
    const tags = (length: number) => ({ tags: Array.from({ length }, (_, i) => ({ name: `t${i}` })) });
    const rule: MappingRule = { labels: { pointer: "/tags", each: "/name", where: { "/name": ["t1", "t2"] } } };
    expect(rowOf(rule, tags(LIMITS.itemsPerField))).toEqual({ labels: ["t1", "t2"] });
    expect(missOf(rule, tags(LIMITS.itemsPerField + 1))).toMatchObject({ code: "unmappable", pointer: "/tags" });
    const long = { tags: Array.from({ length: 40_000 }, (_, i) => `t${i}`) };
    expect(map({ when: { "/tags": "t39999" }, label: "/tags" }, long)).toMatchObject({
      examples: [{ row: { label: "t0" } }],
    });
  });

  it("cannot make the stripping of a million characters take more than one pass", () => {
    for (const piece of ["<", "<p", "<!--", "<script>", "</", "&", "&#", "<b>", "</script"]) {
      const before = performance.now();
      stripHtml(piece.repeat(Math.ceil(1_000_000 / piece.length)), new MappingWork(Number.POSITIVE_INFINITY));
      expect(performance.now() - before, piece).toBeLessThan(2_000);
    }
  });

  it.each([
    ["<script>alert(1)</script >hi<STYLE>b{}</STYLE> there", "hi there"],
    ["a < b and b > c", "a < b and b > c"],
    ["1&nbsp;&lt;&#50;&#x33;&bogus;&#xD800;", "1 <23&bogus;"],
    ["a<br/>b<!-- c -->d", "a b d"],
    ["unfinished <a href='", "unfinished <a href='"],
  ])("strips %j", (html, text) => expect(stripHtml(html, new MappingWork())).toBe(text));

  it("are refused if the mapping is invalid", () => {
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
