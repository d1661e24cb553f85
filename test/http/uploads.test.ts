// Uploads as JSON, NDJSON and CSV: what each format accepts, counts and rejects.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTextHead, must, upload } from "../support/service.ts";

let key = "";
let head = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("uploads")).key;
});
beforeEach(async () => {
  head = `text-${heads++}`;
  await makeTextHead(key, head);
});

const post = (type: string, body: string | Uint8Array) =>
  call<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers: { "Content-Type": type } });
const take = async (type: string, body: string | Uint8Array): Promise<UploadResult> => {
  const answer = await post(type, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const stored = async (): Promise<ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples?limit=200`, { key })).data;
const pairs = async () => (await stored()).map(({ text, label }) => [text, label]);

describe("a JSON upload", () => {
  it("is read row by row if the body is large, with the same result", async () => {
    const rows = Array.from({ length: 30 }, (_, n) => ({
      text: `message ${n} ${'\\"],[{}'.repeat(2_000)}`,
      label: "a",
    }));
    const bad = { text: "no label" };
    const long = { text: "x".repeat(3_000_000), label: "a" };
    const result = await take("application/json", JSON.stringify({ examples: [...rows, bad, long] }));
    expect(result).toMatchObject({ added: 30, rejected: [{ index: 30 }, { index: 31, code: "invalid_example" }] });
    expect(await pairs()).toEqual(rows.map(({ text, label }) => [text, label]));
  });

  it("is not stored at all if a large body is invalid at its end or has too many examples", async () => {
    const text = "x".repeat(15_000);
    const rows = Array.from({ length: 30 }, (_, n) => `{"text":"${n} ${text}","label":"a"}`).join();
    const [path, headers] = [`/v1/heads/${head}/examples`, { "Content-Type": "application/json" }];
    for (const body of [
      `{"examples":[${rows},{"text":}]}`,
      `{"examples":[${rows}]`,
      `{"examples":[${rows}],"x":1}`,
      `{"examples":[${`${rows},`.repeat(40)}1]}`,
    ])
      expectProblem(await call("POST", path, { key, body, headers }), 400, "invalid_request");
    expect(await stored()).toEqual([]);
  });

  it("is answered with the results of its rows, and each feature is computed once", async () => {
    const rows = [1, 2, 3].map((n) => ({ text: `message ${n}`, label: "a" }));
    expect(await upload(key, head, rows)).toEqual({
      added: 3,
      updated: 0,
      unchanged: 0,
      rejected: [],
      rejected_total: 0,
      features: { computed: 3, cached: 0, pending: 0 },
      conflicts: [],
      conflicts_total: 0,
      warnings: [{ code: "not_enough_examples", detail: expect.stringContaining('only "a"') }],
    });
    expect(await upload(key, head, rows)).toMatchObject({
      added: 0,
      updated: 0,
      unchanged: 3,
      features: { computed: 0, cached: 3, pending: 0 },
    });
  });

  it("gets the digest of an input as its id if it has none", async () => {
    await upload(key, head, [{ text: "hello", label: "a" }]);
    const [example] = await stored();
    expect(example?.id).toBe(example?.digest);
    expect(example?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("relabels the example with a given id, keeping its split, without a new feature", async () => {
    await upload(key, head, [{ id: "m1", text: "hello", label: "a", split: "test" }]);
    const result = await upload(key, head, [{ id: "m1", text: "hello", label: "b" }]);
    expect(result).toMatchObject({ added: 0, updated: 1, features: { computed: 0, cached: 1 } });
    expect(await stored()).toMatchObject([{ id: "m1", text: "hello", label: "b", split: "test" }]);
    const { examples, labels } = await must<{ examples: unknown; labels: string[] }>("GET", `/v1/heads/${head}`, {
      key,
    });
    expect({ examples, labels }).toEqual({ examples: { total: 1, pending: 0, by_label: { b: 1 } }, labels: ["b"] });
  });

  it("replaces the input of a given id and deletes the old input", async () => {
    await upload(key, head, [{ id: "m1", text: "before", label: "a" }]);
    expect(await upload(key, head, [{ id: "m1", text: "after", label: "a" }])).toMatchObject({ updated: 1 });
    expect(await pairs()).toEqual([["after", "a"]]);
    expect(await upload(key, head, [{ id: "m2", text: "before", label: "a" }])).toMatchObject({
      features: { computed: 1, cached: 0 },
    });
  });

  it("may have a thousand rows, and a charset in the content type", async () => {
    const examples = Array.from({ length: 1_000 }, (_, i) => ({ text: `row ${i}`, label: `l${i % 3}` }));
    const result = await take("application/json; charset=utf-8", JSON.stringify({ examples }));
    expect(result).toMatchObject({ added: 1_000, rejected: [] });
  });

  it("may have any text: emoji, right to left, line breaks, and spaces at the ends are stored unchanged", async () => {
    const texts = ["👩‍👩‍👧 parcel", "أين طردي؟", "two\nlines\r\n", "  indented  ", "naïve ＦＵＬＬ"];
    await upload(
      key,
      head,
      texts.map((text) => ({ text, label: "a" })),
    );
    expect((await stored()).map(({ text }) => text)).toEqual(texts);
  });
});

describe("an NDJSON upload", () => {
  it("may have lines with LF or CRLF, blank lines between, and no line end after the last line", async () => {
    const lines = [
      '{"text":"one","label":"a"}\r\n',
      "\n",
      '{"text":"two","label":"b"}\n\n',
      '{"text":"three","label":"a"}',
    ];
    expect(await take("application/x-ndjson", lines.join(""))).toMatchObject({ added: 3, rejected: [] });
  });

  it("may have more rows than one JSON request", async () => {
    const lines = Array.from({ length: 1_201 }, (_, i) => `{"text":"line ${i}","label":"a"}\n`);
    expect(await take("application/x-ndjson", lines.join(""))).toMatchObject({ added: 1_201 });
  });

  it("has invalid lines rejected at their index, and valid lines stored", async () => {
    const lines = ['{"text":"one","label":"a"}', '{"text":"two","label"', '{"text":"three","label":"a"}'];
    const result = await take("application/x-ndjson", lines.join("\n"));
    expect(result).toMatchObject({ added: 2, rejected: [{ index: 1, code: "invalid_json" }], rejected_total: 1 });
    expect(await pairs()).toEqual([
      ["one", "a"],
      ["three", "a"],
    ]);
  });
});

describe("a CSV upload", () => {
  it("may have a byte order mark, CRLF, and quoted fields with commas, quotes and line breaks", async () => {
    const csv = '\ufefftext,label,id,split\r\n"a, ""b""\r\nc",x,e1,test\r\nplain,y,,\r\n';
    expect(await take("text/csv", csv)).toMatchObject({ added: 2, rejected: [] });
    const [first, second] = await stored();
    expect(first).toMatchObject({ id: "e1", text: 'a, "b"\r\nc', label: "x", split: "test" });
    expect(second).toMatchObject({ id: second?.digest, text: "plain", label: "y", split: null });
  });

  it("may have columns in any order, and blank lines", async () => {
    expect(await take("text/csv", "label,text\n\na,one\n\nb,two")).toMatchObject({ added: 2, rejected: [] });
  });

  it("is read completely if it arrives in small pieces, cut inside characters and line ends", async () => {
    const bytes = new TextEncoder().encode(
      `text,label\r\n${Array.from({ length: 50 }, (_, i) => `"é${i}\r\n€",a`).join("\r\n")}`,
    );
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 3) controller.enqueue(bytes.slice(at, at + 3));
        controller.close();
      },
    });
    const headers = { "Content-Type": "text/csv" };
    const result = await must<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body: pieces, headers });
    expect(result).toMatchObject({ added: 50, rejected: [] });
    expect((await stored())[7]?.text).toBe("é7\r\n€");
  });

  it.each([
    ["no label column", "text,id\na,b\n", "/label", "is missing"],
    ["no input column", "label,id\na,b\n", "/text", "is missing"],
    ["an unknown column", "text,label,colour\na,b,c\n", "/colour", "is not known"],
    ["a column twice", "text,label,text\na,b,c\n", "/text", "is given twice"],
  ])("is refused with %s in the header, and the answer names it and the columns", async (_, csv, pointer, problem) => {
    const answer = await call("POST", `/v1/heads/${head}/examples`, {
      key,
      body: csv,
      headers: { "Content-Type": "text/csv" },
    });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe(pointer);
    expect(answer.body.detail).toContain(`"${pointer.slice(1)}" ${problem}`);
    expect(answer.body.detail).toMatch(/ The columns for this head are text, label, id, split$/);
    expect(await stored()).toEqual([]);
  });

  it("is refused if the file is empty", async () => {
    const headers = { "Content-Type": "text/csv" };
    for (const body of ["\n", "\ufeff", " \n"]) {
      const answer = await call("POST", `/v1/heads/${head}/examples`, { key, body, headers });
      expectProblem(answer, 400, "invalid_request");
    }
  });
});

describe("vectors", () => {
  it("may be sent as numbers or as base64 of little-endian float32, which are the same example", async () => {
    await makeHead(key, `${head}-v`);
    const vector = [0.1, -2.5];
    const base64 = btoa(String.fromCharCode(...new Uint8Array(new Float32Array(vector).buffer)));
    const first = await upload(key, `${head}-v`, [{ features: vector, label: "a" }]);
    expect(first).toMatchObject({ added: 1 });
    expect(await upload(key, `${head}-v`, [{ features: base64, label: "a" }])).toMatchObject({ unchanged: 1 });
    expect(await upload(key, `${head}-v`, [{ features: base64.replaceAll("=", ""), label: "b" }])).toMatchObject({
      updated: 1,
    });
  });
});
