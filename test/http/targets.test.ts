// Examples of multilabel and regression heads, from the upload to the export, with everything that single labels have.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must, send, textOf, upload } from "../support/service.ts";

let key = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("targets")).key;
});

async function makeTagged(rows: readonly object[] = []): Promise<string> {
  const head = `tags-${heads++}`;
  await makeHead(key, head, { task: "multilabel", backbone: "text-embedded" });
  if (rows.length > 0) expect(await upload(key, head, rows)).toMatchObject({ rejected: [] });
  return head;
}

async function makeValued(rows: readonly object[] = []): Promise<string> {
  const head = `prices-${heads++}`;
  await makeHead(key, head, { task: "regression" });
  if (rows.length > 0) expect(await upload(key, head, rows)).toMatchObject({ rejected: [] });
  return head;
}

const all = `/examples`;
const one = (head: string, id: string) => `/v1/heads/${head}/examples/${id}`;
const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const listed = async (head: string, query = "") =>
  (await must<Page<ExampleView>>("GET", `/v1/heads/${head}${all}${query}`, { key })).data;
const post = (head: string, type: string, body: string) =>
  must<UploadResult>("POST", `/v1/heads/${head}${all}`, { key, body, headers: { "Content-Type": type } });
const patch = (head: string, body: unknown) => call<ExampleView>("PATCH", one(head, "e"), { key, body });
const exported = async (head: string) => textOf(await send("GET", `/v1/heads/${head}${all}/export`, { key }));

describe("labels of an example", () => {
  it("are a set: each is shown once, in order, and sending them in another order changes nothing", async () => {
    const head = await makeTagged([{ id: "e", text: "hello", labels: ["urgent", "billing", "urgent"] }]);
    const shown = await must<ExampleView>("GET", one(head, "e"), { key });
    expect(shown).toMatchObject({ labels: ["billing", "urgent"], text: "hello" });
    expect(shown).not.toHaveProperty("label");
    const again = await upload(key, head, [{ id: "e", text: "hello", labels: ["urgent", "billing"] }]);
    expect(again).toMatchObject({ unchanged: 1, features: { computed: 0 } });
  });

  it("may be none, which makes an example too", async () => {
    const head = await makeTagged([{ text: "nothing of it", labels: [] }]);
    expect(await listed(head)).toMatchObject([{ labels: [] }]);
    expect((await show(head)).examples).toEqual({ total: 1, pending: 0, by_label: {} });
  });

  it("are each counted, and each of them finds the example", async () => {
    const rows = [["a", "b"], ["b"], []].map((labels, i) => ({ id: `${i}`, text: `text ${i}`, labels }));
    const head = await makeTagged(rows);
    expect(await show(head)).toMatchObject({ labels: ["a", "b"], examples: { total: 3, by_label: { a: 1, b: 2 } } });
    expect((await listed(head, "?label=b")).map(({ id }) => id)).toEqual(["0", "1"]);
  });

  it("are changed by an upload with the id and by PATCH, and the split stays", async () => {
    const head = await makeTagged([{ id: "e", text: "hello", labels: ["a"], split: "test" }]);
    const result = await upload(key, head, [{ id: "e", text: "hello", labels: ["b", "a"] }]);
    expect(result).toMatchObject({ updated: 1, features: { computed: 0, cached: 1 } });
    expect((await patch(head, { labels: ["c"] })).body).toMatchObject({ labels: ["c"], split: "test" });
    expect((await patch(head, { split: null })).body).toMatchObject({ labels: ["c"], split: null });
    expect((await patch(head, { labels: [] })).body).toMatchObject({ labels: [] });
    expect(await show(head)).toMatchObject({ labels: [], examples: { total: 1, by_label: {} } });
  });

  it("may only be of the fixed set if there is one", async () => {
    await makeHead(key, "fixed-tags", { task: "multilabel", labels: ["b", "a"] });
    const rows = [
      ["a", "b"],
      ["a", "c"],
    ].map((labels, i) => ({ id: "e", features: [i, 1], labels }));
    const result = await upload(key, "fixed-tags", rows);
    expect(result).toMatchObject({ added: 1, rejected: [{ index: 1, code: "unknown_label", pointer: "/labels" }] });
    const answer = await call("PATCH", one("fixed-tags", "e"), { key, body: { labels: ["c"] } });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe("/labels");
    expect(await show("fixed-tags")).toMatchObject({ labels: ["b", "a"], examples: { by_label: { b: 1, a: 1 } } });
  });

  it("are refused above the limit of labels", async () => {
    const head = await makeTagged();
    const { size } = await show(head);
    const labels = Array.from({ length: size.most_labels }, (_, i) => `l${i}`);
    const rows = [{ id: "e", labels }, { labels: ["l0", "one more"] }].map((row, i) => ({ text: `text ${i}`, ...row }));
    const result = await upload(key, head, rows);
    expect(result).toMatchObject({ added: 1, rejected: [{ index: 1, code: "too_many_labels", pointer: "/labels" }] });
    expectProblem((await patch(head, { labels: ["l0", "one more"] })) as never, 400, "invalid_request");
  });
});

describe("the value of an example", () => {
  it("is shown as it was sent, and a regression head has no labels", async () => {
    const values = [0.1 + 0.2, -3, 0, 3.4028234663852886e38];
    const head = await makeValued(values.map((value, i) => ({ features: [i, 1], value })));
    expect((await listed(head)).map(({ value }) => value)).toEqual(values);
    expect(await show(head)).toMatchObject({ labels: [], examples: { total: 4, pending: 0, by_label: {} } });
    expect(await listed(head, "?label=0")).toEqual([]);
  });

  it("is corrected by an upload with the id and by PATCH", async () => {
    const head = await makeValued([{ id: "e", features: [1, 2], value: 1 }]);
    expect(await upload(key, head, [{ id: "e", features: [1, 2], value: 2 }])).toMatchObject({ updated: 1 });
    expect(await upload(key, head, [{ id: "e", features: [1, 2], value: 2 }])).toMatchObject({ unchanged: 1 });
    expect((await patch(head, { value: -0 })).body).toMatchObject({ value: 0, split: null });
  });
});

describe("an upload of NDJSON or CSV", () => {
  it("may have labels, in CSV separated by |, with an empty field for none", async () => {
    const head = await makeTagged();
    await post(head, "application/x-ndjson", '{"id":"n","text":"one","labels":["b","a"]}\n');
    const csv = 'labels,text,id\na|b,two,c1\n,three,c2\n"with, comma|c",four,c3\n';
    expect(await post(head, "text/csv", csv)).toMatchObject({ added: 3, rejected: [] });
    const sets = (await listed(head)).map(({ id, labels }) => [id, labels]);
    expect(sets).toEqual([
      ["n", ["a", "b"]],
      ["c1", ["a", "b"]],
      ["c2", []],
      ["c3", ["c", "with, comma"]],
    ]);
  });

  it("may have values, in CSV as decimal numbers only", async () => {
    const head = `csv-values-${heads++}`;
    await makeHead(key, head, { task: "regression", backbone: "text-embedded" });
    const good = ["3", "-0.5", "+1e3", " 2.5 ", ".5", "7."];
    const bad = ["", " ", "NaN", "Infinity", "0x10", "1,5", "1e39", "three", "1_000"];
    const rows = [...good, ...bad].map((value, i) => `text ${i},"${value}"`);
    const result = await post(head, "text/csv", `text,value\n${rows.join("\n")}\n`);
    expect(result).toMatchObject({ added: good.length, rejected_total: bad.length });
    expect(new Set(result.rejected.map(({ code, pointer }) => `${code} ${pointer}`))).toEqual(
      new Set(["invalid_value /value"]),
    );
    expect((await listed(head)).map(({ value }) => value)).toEqual([3, -0.5, 1_000, 2.5, 0.5, 7]);
  });

  it.each([
    ["multilabel", "text,label", "/label"],
    ["multilabel", "text,labels,label", "/label"],
    ["multilabel", "text,id", "/labels"],
    ["regression", "text,label", "/label"],
    ["regression", "text", "/value"],
    ["classification", "text,label,value", "/value"],
  ] as const)("is refused with a header that a %s head cannot learn from: %s", async (task, header, pointer) => {
    const head = `header-${heads++}`;
    await makeHead(key, head, { task, backbone: "text-embedded" });
    const headers = { "Content-Type": "text/csv" };
    const answer = await call("POST", `/v1/heads/${head}${all}`, { key, body: `${header}\na,b,c\n`, headers });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    expect(answer.body.detail).toContain(task);
  });
});

describe("an export", () => {
  it("can be imported with its labels or values, and its second export is the same", async () => {
    const tagged = await makeTagged([
      { id: "1", text: "one", labels: ["b", "a"], split: "test" },
      { id: "2", text: "two", labels: [] },
    ]);
    const valued = await makeValued([0.1 + 0.2, 1e-300].map((value, i) => ({ id: `${i}`, features: [i, 0.1], value })));
    for (const [from, to] of [
      [tagged, await makeTagged()],
      [valued, await makeValued()],
    ] as const) {
      const lines = await exported(from);
      expect(await post(to, "application/x-ndjson", lines)).toMatchObject({ added: 2, rejected: [] });
      expect(await exported(to)).toBe(lines);
    }
    expect(JSON.parse((await exported(tagged)).split("\n")[0] ?? "")).toEqual({
      id: "1",
      text: "one",
      labels: ["a", "b"],
      split: "test",
    });
  });
});

describe("feedback", () => {
  const give = (head: string, body: unknown) => call("POST", `/v1/heads/${head}/feedback`, { key, body });

  it("may have labels or a value, according to the head's task", async () => {
    const [tagged, valued] = [await makeTagged(), await makeValued()];
    await give(tagged, { input: { text: "hello" }, labels: ["b", "a"] });
    await give(valued, { input: { features: [1, 2] }, value: 4.5 });
    expect(await listed(tagged)).toMatchObject([{ labels: ["a", "b"], source: "feedback" }]);
    expect(await listed(valued)).toMatchObject([{ value: 4.5, source: "feedback" }]);
  });

  it.each([
    [{ label: "a" }, "/label", 'give "labels"'],
    [{ labels: ["a"], label: "a" }, "/label", 'no "label"'],
    [{ value: 1 }, "/value", 'give "labels"'],
    [{}, "/labels", 'give "labels"'],
    [{ labels: ["a", ""] }, "/labels/1", ""],
  ])("is refused as %j by a multilabel head with 400 and a pointer to the mistake", async (target, pointer, advice) => {
    const answer = await give(await makeTagged(), { input: { text: "hello" }, ...target });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    expect(answer.body.detail).toContain(advice);
  });
});

describe("a PATCH of an example", () => {
  it.each([
    ["multilabel", { label: "a" }, "/label"],
    ["multilabel", { labels: [1] }, "/labels/0"],
    ["regression", { labels: [] }, "/labels"],
    ["regression", { value: "3" }, "/value"],
    ["regression", { value: 1, label: "a" }, "/label"],
  ] as const)("is refused by a %s head as %j, and changes nothing", async (task, body, pointer) => {
    const head =
      task === "multilabel"
        ? await makeTagged([{ id: "e", text: "x", labels: ["z"] }])
        : await makeValued([{ id: "e", features: [1, 2], value: 9 }]);
    const before = await must("GET", one(head, "e"), { key });
    const answer = await call("PATCH", one(head, "e"), { key, body });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    expect(await must("GET", one(head, "e"), { key })).toEqual(before);
  });
});
