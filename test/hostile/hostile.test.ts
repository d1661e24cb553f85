// Requests of hostile or careless callers, as tables: every response is a 4xx problem, or rejects a row and keeps the valid rows.
// None may be a 5xx.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTextHead, makeTrainedHead, must } from "../support/service.ts";

const json = { "Content-Type": "application/json" };
const LEVELS = 100_000;
const deep = `${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}`;
const deepObject = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`;
const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...new TextEncoder().encode(part)])));

let key = "";
let texts = "";
let vectors = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("hostile")).key;
  await makeTrainedHead(key, "trained");
});
beforeEach(async () => {
  heads++;
  texts = `t-${heads}`;
  vectors = `v-${heads}`;
  await makeTextHead(key, texts);
  await makeHead(key, vectors);
});

const listed = async (head: string): Promise<ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples`, { key })).data;

/** Uploads one invalid row between two valid ones, in raw JSON, and expects only it to be rejected. */
async function expectRowRejected(head: string, good: readonly [string, string], bad: string, code: string) {
  const body = `{"examples":[${good[0]},${bad},${good[1]}]}`;
  const answer = await call<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers: json });
  expect(answer.status, answer.text.slice(0, 400)).toBe(200);
  expect(answer.body).toMatchObject({ added: 2, rejected: [{ index: 1, code }], rejected_total: 1 });
  expect(answer.body.rejected[0]?.detail).toEqual(expect.stringMatching(/\S/));
  expect((await listed(head)).map(({ id }) => id)).toEqual(["g1", "g2"]);
}

describe("an upload rejects only the invalid row among valid ones:", () => {
  const text = (id: string, words: string) => `{"id":"${id}","text":"${words}","label":"a"}`;
  const goodTexts = [text("g1", "one"), text("g2", "two")] as const;
  it.each([
    ["a number for a row", "7", "invalid_example"],
    ["null for a row", "null", "invalid_example"],
    ["a list for a row", "[]", "invalid_example"],
    ["a number for a text", '{"text":7,"label":"a"}', "invalid_example"],
    ["no input", '{"label":"a"}', "invalid_input"],
    ["two inputs", '{"text":"x","features":[1],"label":"a"}', "invalid_input"],
    ["an input of another modality", '{"features":[1,2],"label":"a"}', "invalid_input"],
    ["an empty text", '{"text":"","label":"a"}', "invalid_input"],
    ["a blank text", '{"text":" \\t\\u00a0\\n","label":"a"}', "invalid_input"],
    ["an over-long text", `{"text":"${"x".repeat(20_001)}","label":"a"}`, "invalid_input"],
    ["no label", '{"text":"x"}', "invalid_label"],
    ["an empty label", '{"text":"x","label":""}', "invalid_label"],
    ["a blank label", '{"text":"x","label":" \\u2003"}', "invalid_label"],
    ["a number for a label", '{"text":"x","label":1}', "invalid_label"],
    ["a label of 5,000 characters", `{"text":"x","label":"${"y".repeat(5_000)}"}`, "invalid_label"],
    ["an empty id", '{"id":"","text":"x","label":"a"}', "invalid_example"],
    ["an id of 201 characters", `{"id":"${"i".repeat(201)}","text":"x","label":"a"}`, "invalid_example"],
    ["an id with a NUL", '{"id":"a\\u0000b","text":"x","label":"a"}', "invalid_example"],
    ["an unknown split", '{"text":"x","label":"a","split":"dev"}', "invalid_example"],
    ["an unknown field", '{"text":"x","label":"a","colour":"red"}', "invalid_example"],
    ["a field named constructor", '{"text":"x","label":"a","constructor":"x"}', "invalid_example"],
    ["a field named __proto__", '{"text":"x","label":"a","__proto__":{"id":"y"}}', "invalid_example"],
    ["100,000 levels of lists for a text", `{"text":${deep},"label":"a"}`, "invalid_example"],
    ["100,000 levels of objects in an unknown field", `{"text":"x","label":"a","x":${deepObject}}`, "invalid_example"],
  ])("%s", async (_, bad, code) => expectRowRejected(texts, goodTexts, bad, code));

  const vector = (id: string, numbers: string) => `{"id":"${id}","features":${numbers},"label":"a"}`;
  const goodVectors = [vector("g1", "[1,2]"), vector("g2", "[2,1]")] as const;
  it.each([
    ["a vector that is too short", "[1]", "invalid_input"],
    ["a vector that is too long", "[1,2,3]", "invalid_input"],
    ["an empty vector", "[]", "invalid_input"],
    ["1e39, beyond float32", "[1e39,0]", "invalid_input"],
    ["1e999, beyond float64", "[1e999,0]", "invalid_example"],
    ["null for a number", "[null,0]", "invalid_example"],
    ["text for a number", '["1",0]', "invalid_example"],
    ["lists in the vector", "[[1],[2]]", "invalid_example"],
    ["invalid base64", '"%%%%"', "invalid_input"],
    ["base64 of seven bytes", `"${btoa("1234567")}"`, "invalid_input"],
    ["base64 of twelve bytes", `"${btoa("123456789012")}"`, "invalid_input"],
    ["base64 of NaN", `"${btoa("\x00\x00\xc0\x7f\x00\x00\x00\x00")}"`, "invalid_input"],
    ["base64 of Infinity", `"${btoa("\x00\x00\x80\x7f\x00\x00\x00\x00")}"`, "invalid_input"],
    ["a text on a head of vectors", '"hello there"', "invalid_input"],
    ["100,000 levels of lists", deep, "invalid_example"],
  ])("%s", async (_, bad, code) => expectRowRejected(vectors, goodVectors, vector("bad", bad), code));
});

describe("an upload is refused as a whole for", () => {
  const rows = (count: number) => `{"examples":[${Array(count).fill('{"text":"x","label":"a"}').join()}]}`;
  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ["nothing", "", json, 400, "invalid_request"],
    ["not JSON", "hello", json, 400, "invalid_request"],
    ["JSON cut short", '{"examples":[', json, 400, "invalid_request"],
    ["two documents", "{}{}", json, 400, "invalid_request"],
    ["a scalar", "42", json, 400, "invalid_request"],
    ["null", "null", json, 400, "invalid_request"],
    ["a list", "[]", json, 400, "invalid_request"],
    ["a NaN literal", '{"examples":[{"features":[NaN,1],"label":"a"}]}', json, 400, "invalid_request"],
    ["an Infinity literal", '{"examples":[{"features":[Infinity],"label":"a"}]}', json, 400, "invalid_request"],
    ["no examples", "{}", json, 400, "invalid_request"],
    ["empty examples", '{"examples":[]}', json, 400, "invalid_request"],
    ["an object for examples", '{"examples":{"0":1}}', json, 400, "invalid_request"],
    ["1,001 examples", rows(1_001), json, 400, "invalid_request"],
    ["an unknown field", '{"examples":[{"text":"x","label":"a"}],"x":1}', json, 400, "invalid_request"],
    ["a field __proto__", '{"examples":[{"text":"x","label":"a"}],"__proto__":1}', json, 400, "invalid_request"],
    ["100,000 levels of lists", deep, json, 400, "invalid_request"],
    ["100,000 levels in examples", `{"examples":${deepObject}}`, json, 400, "invalid_request"],
    ["100,000 levels in an unknown field", `{"examples":[1],"x":${deep}}`, json, 400, "invalid_request"],
    ["invalid UTF-8", bytes('{"examples":[{"text":"', 0xff, 0xfe, '","label":"a"}]}'), json, 400, "invalid_request"],
    ["UTF-16", bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0), json, 400, "invalid_request"],
    ["no content type", bytes("{}"), {}, 415, "unsupported_media_type"],
    ["a form", "examples=1", { "Content-Type": "application/x-www-form-urlencoded" }, 415, "unsupported_media_type"],
    ["a type that only begins correctly", "{}", { "Content-Type": "application/jsonx" }, 415, "unsupported_media_type"],
  ])("%s", async (_, body, headers, status, code) => {
    expectProblem(await call("POST", `/v1/heads/${texts}/examples`, { key, body, headers }), status, code);
    expect(await listed(texts)).toEqual([]);
  });

  it("more than 32 MiB", async () => {
    const body = new Uint8Array(32 * 1024 * 1024 + 1).fill(32);
    const answer = await call("POST", `/v1/heads/${texts}/examples`, { key, body, headers: json });
    expectProblem(answer, 413, "too_large");
  });

  it("gzip with its Content-Encoding", async () => {
    const zip = new Response(rows(1)).body?.pipeThrough(new CompressionStream("gzip"));
    const body = new Uint8Array(await new Response(zip).arrayBuffer());
    const headers = { ...json, "Content-Encoding": "gzip" };
    const answer = await call("POST", `/v1/heads/${texts}/examples`, { key, body, headers });
    expect([400, 415]).toContain(answer.status);
    expect(await listed(texts)).toEqual([]);
  });
});

describe("a request of another kind", () => {
  it.each<[string, string, string, unknown]>([
    ["a job with a fractional seed", "/v1/heads/trained/jobs", "/seed", { seed: 0.5 }],
    ["a job with a negative seed", "/v1/heads/trained/jobs", "/seed", { seed: -1 }],
    ["a job with a huge seed", "/v1/heads/trained/jobs", "/seed", { seed: 2 ** 32 }],
    ["a job with an unknown option", "/v1/heads/trained/jobs", "/options/x", { options: { x: 1 } }],
    ["a job with an unknown promotion", "/v1/heads/trained/jobs", "/promote", { promote: "sometimes" }],
    ["no inputs", "/v1/heads/trained/predict", "/inputs", { inputs: [] }],
    ["257 inputs", "/v1/heads/trained/predict", "/inputs", { inputs: Array(257).fill({ features: [1, 2] }) }],
    ["top 0", "/v1/heads/trained/predict", "/top", { inputs: [{ features: [1, 2] }], top: 0 }],
    ["threshold 1.1", "/v1/heads/trained/predict", "/threshold", { inputs: [{ features: [1, 2] }], threshold: 1.1 }],
    ["version 0", "/v1/heads/trained/predict", "/version", { inputs: [{ features: [1, 2] }], version: 0 }],
    ["version 1.5", "/v1/heads/trained/predict", "/version", { inputs: [{ features: [1, 2] }], version: 1.5 }],
    ["a version as text", "/v1/heads/trained/predict", "/version", { inputs: [{ features: [1, 2] }], version: "1" }],
  ])("is refused with 400 and a pointer for %s", async (_, path, pointer, body) => {
    const answer = await call("POST", path, { key, body });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  });
});
