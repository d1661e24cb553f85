// Incoming labels: trimmed and in Unicode's normal form C, on every route.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { DryRunResult } from "../../src/contract/dry-run.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView, NewHead } from "../../src/contract/heads.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTrainedHead, must, train, upload } from "../support/service.ts";
import { exportFile, importFile, parsed } from "../support/version-files.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

const COMPOSED = "caf\u00e9";
/** Spellings of one label. */
const SPELLINGS = [COMPOSED, "cafe\u0301", ` ${COMPOSED}`, `\u00a0cafe\u0301\t`];

let key = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("labels")).key;
});

async function make(more: Partial<NewHead> = {}): Promise<string> {
  const head = `h-${heads++}`;
  await makeHead(key, head, { backbone: "text-embedded", ...more });
  return head;
}

const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const post = <T = UploadResult>(head: string, path: string, body: unknown, type = "application/json") =>
  must<T>("POST", `/v1/heads/${head}${path}`, { key, body, headers: { "Content-Type": type } });
const listed = async (head: string, label: string) =>
  (await must<Page<ExampleView>>("GET", `/v1/heads/${head}/examples?label=${encodeURIComponent(label)}`, { key })).data;

describe("every spelling of a label", () => {
  it.each(["classification", "multilabel"] as const)(
    "is one label of a %s head, on every upload route",
    async (task) => {
      const head = await make({ task });
      const target = (label: string) => (task === "classification" ? { label } : { labels: [label, COMPOSED] });
      await upload(
        key,
        head,
        SPELLINGS.map((label, i) => ({ text: `json ${i}`, ...target(label) })),
      );
      const lines = SPELLINGS.map((label, i) => JSON.stringify({ text: `line ${i}`, ...target(label) }));
      await post(head, "/examples", lines.join("\n"), "application/x-ndjson");
      const field = task === "classification" ? "label" : "labels";
      const rows = SPELLINGS.map((label, i) => `row ${i},"${label}"`);
      await post(head, "/examples", [`text,${field}`, ...rows].join("\n"), "text/csv");
      await post(head, "/feedback", { input: { text: "feedback" }, ...target(` ${COMPOSED}`) });
      const { labels, examples, label_collisions } = await show(head);
      expect({ labels, by_label: examples.by_label, label_collisions }).toEqual({
        labels: [COMPOSED],
        by_label: { [COMPOSED]: 13 },
        label_collisions: [],
      });
    },
  );

  it("finds the label's examples, and can be given in a relabel", async () => {
    const head = await make();
    await upload(key, head, [
      { id: "a", text: "one", label: COMPOSED },
      { id: "b", text: "two", label: "tea" },
    ]);
    const patched = await must("PATCH", `/v1/heads/${head}/examples/b`, { key, body: { label: SPELLINGS[3] } });
    expect(patched).toMatchObject({ id: "b", label: COMPOSED });
    for (const label of SPELLINGS) expect((await listed(head, label)).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("is one label for a captured input", async () => {
    await makeTrainedHead(key, "captured");
    await must("PATCH", "/v1/heads/captured", { key, body: { capture: { rate: 1 } } });
    await post("captured", "/predict", { inputs: [{ features: [0.25, 0.5] }] });
    const captures = async () =>
      (await must<Page<{ id: string }>>("GET", "/v1/heads/captured/captures", { key })).data[0]?.id;
    let id = await captures();
    for (; id === undefined; id = await captures()) await scheduler.wait(100);
    await post("captured", `/captures/${id}/label`, { label: " north " });
    expect((await show("captured")).examples.by_label).toEqual({ north: 11, south: 10 });
  });

  it("is one label in a webhook, and in the names of its mapping", async () => {
    const head = await make();
    const source = await makeSource(key, head, {
      scheme: "standard-webhooks",
      action: "add",
      mapping: { text: "/t", id: "/i", label: { pointer: "/l", names: { "the\u0301": "tea " } } },
    });
    for (const [i, l] of [...SPELLINGS, "th\u00e9"].entries())
      expect((await deliver(source, { t: `text ${i}`, i: `${i}`, l })).status).toBe(202);
    expect((await show(head)).examples.by_label).toEqual({ [COMPOSED]: 4, tea: 1 });
    const payload = { t: "new", i: "new", l: "  cafe\u0301" };
    const tried = await post<DryRunResult>(head, `/sources/${source.id}/test`, { payload });
    expect(tried.examples).toEqual([{ id: "new", text: "new", label: COMPOSED }]);
  });

  it("is one label among fixed labels, which keep their order", async () => {
    const head = await make({ labels: [" tea", "cafe\u0301"] });
    expect((await show(head)).labels).toEqual(["tea", COMPOSED]);
    expect(await upload(key, head, [{ text: "a", label: `${COMPOSED} ` }])).toMatchObject({ added: 1, rejected: [] });
  });

  it("is one label in a version file", async () => {
    const labels = ["north", "south"];
    await makeHead(key, "origin", { labels });
    await upload(
      key,
      "origin",
      [1, 2, 3, 4].flatMap((i) => [
        { features: [i, i], label: "north" },
        { features: [-i, -i], label: "south" },
      ]),
    );
    await train(key, "origin");
    const file = parsed(await exportFile(key, "origin", 1, "json"));
    const spelled = JSON.stringify({ ...file, labels: ["north ", "\tsouth"] });
    const brought = await importFile(key, "origin", "json", spelled);
    expect(brought.status, brought.text).toBe(201);
    expect(brought.body.dataset.labels).toEqual(labels);
    const double = JSON.stringify({ ...file, labels: ["north", "north "] });
    const refused = await importFile<never>(key, "origin", "json", double);
    expectProblem(refused, 400, "invalid_request");
    expect(refused.text).toContain("/labels/1");
  });
});

describe("an invalid label", () => {
  it.each(["", " ", "\t\n", "\u3000"])("is refused by every route if it is empty after trimming: %j", async (label) => {
    const head = await make();
    await upload(key, head, [{ id: "e", text: "there", label: "a" }]);
    const { status, body } = await call<UploadResult>("POST", `/v1/heads/${head}/examples`, {
      key,
      body: {
        examples: [
          { text: "a", label },
          { text: "b", label: "b" },
        ],
      },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ added: 1, rejected: [{ index: 0, code: "invalid_label", pointer: "/label" }] });
    const routes = [
      ["POST", `/v1/heads/${head}/feedback`, { input: { text: "x" }, label }],
      ["PATCH", `/v1/heads/${head}/examples/e`, { label }],
      ["POST", "/v1/heads", { id: "never", task: "classification", backbone: "text-embedded", labels: ["a", label] }],
    ] as const;
    for (const [method, path, sent] of routes)
      expectProblem(await call(method, path, { key, body: sent }), 400, "invalid_request");
  });

  it("is refused among fixed labels if it is another spelling of one of them", async () => {
    const body = { id: "twice", task: "classification", backbone: "text-embedded", labels: SPELLINGS.slice(0, 2) };
    expectProblem(await call("POST", "/v1/heads", { key, body }), 400, "invalid_request");
  });
});
