// Hostile and mistaken labels and values: only the row is rejected, with a code and a pointer to the field. None may be a 5xx,
// and none may be interpreted as something else.
import { beforeAll, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { Task } from "../../src/contract/tasks.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { call, makeHead, makeTenant, must, upload } from "../support/service.ts";

const json = { "Content-Type": "application/json" };
const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
const labelled = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => `l${i}`));

let key = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("hostile-targets")).key;
});

/** Uploads one invalid row between two valid ones, in raw JSON, and expects only it to be rejected. */
async function expectRejected(task: Task, good: string, bad: string, code: string, pointer: string) {
  const head = `h-${heads++}`;
  await makeHead(key, head, { task });
  const row = (id: string, target: string) => `{"id":"${id}","features":[1,2]${target && `,${target}`}}`;
  const body = `{"examples":[${row("g1", good)},${row("bad", bad)},${row("g2", good)}]}`;
  const answer = await call<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers: json });
  expect(answer.status, answer.text.slice(0, 400)).toBe(200);
  expect(answer.body).toMatchObject({ added: 2, rejected: [{ index: 1, code, pointer }], rejected_total: 1 });
  expect(answer.body.rejected[0]?.detail).toEqual(expect.stringMatching(/\S/));
  const { data } = await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples`, { key });
  expect(data.map(({ id }) => id)).toEqual(["g1", "g2"]);
}

describe("a multilabel head", () => {
  it.each([
    ["nothing", "", "invalid_label", "/labels"],
    ["a label", '"label":"a"', "invalid_label", "/label"],
    ["a label and labels", '"label":"a","labels":["a"]', "invalid_label", "/label"],
    ["a value", '"value":1', "invalid_label", "/value"],
    ["a value and labels", '"value":1,"labels":["a"]', "invalid_label", "/value"],
    ["text for labels", '"labels":"a"', "invalid_label", "/labels"],
    ["null for labels", '"labels":null', "invalid_label", "/labels"],
    ["an object for labels", '"labels":{"0":"a","length":1}', "invalid_label", "/labels"],
    ["a number among labels", '"labels":[1]', "invalid_label", "/labels/0"],
    ["null among labels", '"labels":["a",null]', "invalid_label", "/labels/1"],
    ["a list among labels", '"labels":[["a"]]', "invalid_label", "/labels/0"],
    ["an empty label", '"labels":["a",""]', "invalid_label", "/labels/1"],
    ["a blank label", '"labels":["\\u2003"]', "invalid_label", "/labels/0"],
    ["half a surrogate pair", '"labels":["\\ud800"]', "invalid_label", "/labels/0"],
    ["a label of 5,000 characters", `"labels":["${"y".repeat(5_000)}"]`, "invalid_label", "/labels/0"],
    ["1,001 labels", `"labels":${labelled(1_001)}`, "invalid_label", "/labels"],
    ["100,000 labels", `"labels":${labelled(100_000)}`, "invalid_label", "/labels"],
    ["100,000 levels of lists", `"labels":${deep}`, "invalid_label", "/labels/0"],
    ["a field named label2", '"labels":["a"],"label2":"a"', "invalid_example", "/label2"],
  ])("rejects only the row with %s", (_, bad, code, pointer) =>
    expectRejected("multilabel", '"labels":["a"]', bad, code, pointer),
  );
});

describe("a regression head", () => {
  it.each([
    ["nothing", "", "invalid_value", "/value"],
    ["a label", '"label":"a"', "invalid_value", "/label"],
    ["labels", '"labels":[]', "invalid_value", "/labels"],
    ["a label and a value", '"label":"a","value":1', "invalid_value", "/label"],
    ["text for a value", '"value":"3"', "invalid_value", "/value"],
    ["null for a value", '"value":null', "invalid_value", "/value"],
    ["true for a value", '"value":true', "invalid_value", "/value"],
    ["a list for a value", '"value":[1]', "invalid_value", "/value"],
    ["1e39, beyond float32", '"value":1e39', "invalid_value", "/value"],
    ["-1e999, beyond float64", '"value":-1e999', "invalid_value", "/value"],
    ["100,000 levels of lists", `"value":${deep}`, "invalid_value", "/value"],
  ])("rejects only the row with %s", (_, bad, code, pointer) =>
    expectRejected("regression", '"value":1', bad, code, pointer),
  );
});

describe("a classification head", () => {
  it.each([
    ["labels", '"labels":["a"]', "invalid_label", "/labels"],
    ["a label and labels", '"label":"a","labels":["a"]', "invalid_label", "/labels"],
    ["a label and a value", '"label":"a","value":1', "invalid_label", "/value"],
    ["a value that is not a number", '"label":"a","value":"x"', "invalid_value", "/value"],
  ])("rejects only the row with %s", (_, bad, code, pointer) =>
    expectRejected("classification", '"label":"a"', bad, code, pointer),
  );
});

// A page repeats the names of labels with every example. Without a limit, a page or a batch would exceed the 32 MiB of a call
// between objects, and the answer would be a 500.
it("examples with the maximum number and length of labels are accepted and returned", async () => {
  await makeHead(key, "heavy", { task: "multilabel" });
  const labels = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(199, "\u{20ac}"));
  const rows = Array.from({ length: 1_000 }, (_, i) => ({ id: `${i}`, features: [i, 1], labels }));
  expect(await upload(key, "heavy", rows.slice(0, 400))).toMatchObject({ added: 400, rejected: [] });
  expect(await upload(key, "heavy", rows.slice(400, 800))).toMatchObject({ added: 400, rejected: [] });
  const page = await must<{ data: ExampleView[] }>("GET", "/v1/heads/heavy/examples?limit=200", { key });
  expect(page.data).toHaveLength(200);
  const { text } = await call("GET", "/v1/heads/heavy/examples/export", { key });
  expect(text.trimEnd().split("\n")).toHaveLength(800);
});
