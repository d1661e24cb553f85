// Stored examples: listed, filtered, changed, deleted, exported and imported elsewhere.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { expectProblem } from "../support/problems.ts";
import {
  call,
  corners,
  makeHead,
  makeTenant,
  makeTextHead,
  must,
  send,
  textOf,
  train,
  upload,
} from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("examples")).key;
  await makeTextHead(key, "shop");
  const rows = [
    { id: "r1", text: "refund 100%", label: "refund" },
    { id: "r2", text: "Refund_now", label: "refund", split: "test" },
    { id: "s1", text: "where is it", label: "status", split: "train" },
    { id: "s2", text: "late again", label: "status" },
    { id: "s/3", text: "still late", label: "status", split: "validation" },
  ];
  await upload(key, "shop", rows);
});

const list = (query: string) => must<Page<ExampleView>>("GET", `/v1/heads/shop/examples?${query}`, { key });
const idsOf = async (query: string) => (await list(query)).data.map(({ id }) => id);
const one = (head: string, id: string) => `/v1/heads/${head}/examples/${encodeURIComponent(id)}`;
const ndjson = { "Content-Type": "application/x-ndjson" };

describe("the list of examples", () => {
  it("shows input, label, split, source, digest and times, oldest first", async () => {
    const { data } = await list("");
    expect(data.map(({ id }) => id)).toEqual(["r1", "r2", "s1", "s2", "s/3"]);
    expect(data[1]).toEqual({
      id: "r2",
      text: "Refund_now",
      label: "refund",
      split: "test",
      source: "api",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
    });
  });

  it("can be filtered by label, split and text, alone and together", async () => {
    expect(await idsOf("label=refund")).toEqual(["r1", "r2"]);
    expect(await idsOf("split=test")).toEqual(["r2"]);
    expect(await idsOf("q=LATE")).toEqual(["s2", "s/3"]);
    expect(await idsOf("q=late&split=validation&label=status")).toEqual(["s/3"]);
    expect(await idsOf("label=nothing")).toEqual([]);
  });

  it("treats SQL wildcards in q as ordinary characters", async () => {
    expect(await idsOf("q=%25")).toEqual(["r1"]);
    expect(await idsOf("q=_")).toEqual(["r2"]);
    expect(await idsOf("q=%5C")).toEqual([]);
  });

  it("has pages with any filter", async () => {
    const first = await list("label=status&limit=2");
    expect(first).toMatchObject({ data: [{ id: "s1" }, { id: "s2" }], has_more: true });
    const second = await list(`label=status&limit=2&after=${first.next}`);
    expect(second).toMatchObject({ data: [{ id: "s/3" }], has_more: false, next: null });
  });

  it("has has_more false if a page ends with the last example", async () => {
    expect(await list("limit=5")).toMatchObject({ has_more: false, next: null });
  });
});

describe("one example", () => {
  it("is found by an id with a slash if that is percent-encoded", async () => {
    expect(await must("GET", one("shop", "s/3"), { key })).toMatchObject({ id: "s/3", text: "still late" });
  });

  it("can be relabelled and moved to another split, each alone, and is counted under its new label", async () => {
    await makeTextHead(key, "patched");
    await upload(key, "patched", [{ id: "e", text: "hello", label: "a", split: "train" }]);
    const patch = (body: unknown) => must<ExampleView>("PATCH", one("patched", "e"), { key, body });
    expect(await patch({ label: "b" })).toMatchObject({ label: "b", split: "train", text: "hello" });
    expect(await patch({ split: null })).toMatchObject({ label: "b", split: null });
    expect(await patch({ split: "test" })).toMatchObject({ label: "b", split: "test", source: "api" });
    const head = await must<HeadView>("GET", "/v1/heads/patched", { key });
    expect(head.examples).toEqual({ total: 1, pending: 0, by_label: { b: 1 } });
  });

  it("is not relabelled to a label outside the fixed set", async () => {
    await makeHead(key, "fixed", { labels: ["a", "b"] });
    await upload(key, "fixed", [{ id: "e", features: [1, 2], label: "a" }]);
    const answer = await call("PATCH", one("fixed", "e"), { key, body: { label: "c" } });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe("/label");
    expect(await must("GET", one("fixed", "e"), { key })).toMatchObject({ label: "a" });
  });

  // No path leads to these: `export` is a route, and URLs resolve `.` and `..` even percent-encoded. Such ids are rejected.
  it.each(["export", ".", ".."])("is found by the id %j, or the id is rejected", async (id) => {
    const head = `odd-${["export", ".", ".."].indexOf(id)}`;
    await makeTextHead(key, head);
    const { added } = await upload(key, head, [{ id, text: "x", label: "a" }]);
    const { status, body } = await call("GET", one(head, id), { key });
    expect([added, status, body?.text]).toEqual(added === 0 ? [0, status, body?.text] : [1, 200, "x"]);
  });

  // Uploads reject a label over the limit as too_many_labels; a relabel must do the same.
  it("is not relabelled above the limit of labels", async () => {
    await makeHead(key, "labels");
    const rows = Array.from({ length: 999 }, (_, i) => ({ features: [i, 0], label: `l${i}` }));
    const last = [{ id: "x", features: [5, 5], label: "l0" }];
    await upload(key, "labels", [...last, ...rows]);
    await upload(key, "labels", [{ features: [6, 6], label: "l999" }]);
    expect((await call("PATCH", one("labels", "x"), { key, body: { label: "l1000" } })).status).toBe(400);
  });

  it("is deleted together with the count of its label, and is not found afterwards", async () => {
    await makeTextHead(key, "emptied");
    await upload(key, "emptied", [{ id: "e", text: "hello", label: "a" }]);
    expect((await call("DELETE", one("emptied", "e"), { key })).status).toBe(204);
    for (const method of ["GET", "DELETE"])
      expectProblem(await call(method, one("emptied", "e"), { key }), 404, "not_found");
    expectProblem(await call("PATCH", one("emptied", "e"), { key, body: { label: "b" } }), 404, "not_found");
    expect(await must("GET", "/v1/heads/emptied", { key })).toMatchObject({ labels: [], examples: { total: 0 } });
  });

  it("keeps its feature while another example has the same input", async () => {
    await makeTextHead(key, "twins");
    await upload(key, "twins", [
      { id: "a", text: "same", label: "x" },
      { id: "b", text: "same", label: "x" },
    ]);
    await call("DELETE", one("twins", "a"), { key });
    const again = await upload(key, "twins", [{ id: "c", text: "same", label: "x" }]);
    expect(again.features).toEqual({ computed: 0, cached: 1, pending: 0 });
  });
});

describe("an export", () => {
  const exported = async (head: string, query = ""): Promise<string> => {
    const response = await send("GET", `/v1/heads/${head}/examples/export${query}`, { key });
    expect(response.headers.get("Content-Type")).toMatch(/^application\/x-ndjson/);
    return textOf(response);
  };
  const importInto = (head: string, body: string) =>
    must<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers: ndjson });
  const digestOf = async (head: string) =>
    (await must<VersionView>("GET", `/v1/heads/${head}/versions/1`, { key })).dataset.digest;

  it("contains the dataset of a text head, because a training on its import has the same digest", async () => {
    const texts = ["red", "green", "blue", "grey"].flatMap((word) => [`${word} "one"\n`, `${word}, two`, `${word} 3`]);
    await makeTextHead(key, "from");
    const rows = texts.map((text, i) => ({
      id: `${i}`,
      text,
      label: `l${i % 2}`,
      split: i === 5 ? "test" : undefined,
    }));
    await upload(key, "from", rows);
    await makeTextHead(key, "to");
    const result = await importInto("to", await exported("from"));
    expect(result).toMatchObject({ added: 12, rejected: [] });
    await train(key, "from");
    await train(key, "to");
    expect(await digestOf("to")).toBe(await digestOf("from"));
    expect(await exported("to")).toBe(await exported("from"));
  });

  it("can be imported bit for bit from a head of features", async () => {
    await makeHead(key, "vectors");
    await upload(
      key,
      "vectors",
      corners().map((row, i) => ({ ...row, features: [row.features[0], 0.1 * i] })),
    );
    await makeHead(key, "vectors-copy");
    expect(await importInto("vectors-copy", await exported("vectors"))).toMatchObject({ added: 20, rejected: [] });
    expect(await exported("vectors-copy", "?features=true")).toBe(await exported("vectors"));
  });

  it("can be imported with its features from a text head", async () => {
    await makeTextHead(key, "with-features");
    const result = await importInto("with-features", await exported("shop", "?features=true"));
    expect(result).toMatchObject({ added: 5, rejected: [] });
  });

  it("is empty for an empty head, and a problem for a missing head", async () => {
    await makeTextHead(key, "nothing-in-it");
    expect(await exported("nothing-in-it")).toBe("");
    expectProblem(await call("GET", "/v1/heads/nobody/examples/export", { key }), 404, "not_found");
  });

  it("contains the rows after its first page", async () => {
    await makeHead(key, "many");
    const rows = Array.from({ length: 2_001 }, (_, i) =>
      JSON.stringify({ id: `${i}`, features: [i, -i], label: `l${i % 2}` }),
    );
    await importInto("many", rows.join("\n"));
    const ids = (await exported("many"))
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(rows.map((_, i) => `${i}`));
  });
});

describe("feedback", () => {
  const give = (body: unknown) => call<UploadResult>("POST", "/v1/heads/feedback/feedback", { key, body });

  it("adds an example with the source feedback", async () => {
    await makeTextHead(key, "feedback");
    const answer = await give({ input: { text: "that was wrong" }, label: "complaint" });
    expect(answer).toMatchObject({ status: 200, body: { added: 1, rejected: [] } });
    const { data } = await must<Page<ExampleView>>("GET", "/v1/heads/feedback/examples", { key });
    expect(data).toMatchObject([{ text: "that was wrong", label: "complaint", source: "feedback" }]);
    expect((await give({ input: { text: "that was wrong" }, label: "praise" })).body).toMatchObject({ updated: 1 });
  });

  it.each([
    [{ input: { text: "" }, label: "a" }, "/input/text"],
    [{ input: {}, label: "a" }, "/input"],
    [{ input: { text: "a", features: [1] }, label: "a" }, "/input/text"],
    [{ input: { text: "a" }, label: " " }, "/label"],
    [{ input: { text: "a", id: "x" }, label: "a" }, "/input/id"],
    [{ label: "a" }, "/input"],
    [{ input: { text: "a" } }, "/label"],
  ])("is refused as %j with 400 and a pointer to the mistake", async (body, pointer) => {
    const answer = await call("POST", "/v1/heads/feedback/feedback", { key, body });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
  });
});
