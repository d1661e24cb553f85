// Heads: created on a backbone, shown, described and deleted.
import { beforeAll, describe, expect, it } from "vitest";
import type { BackboneView } from "../../src/contract/backbones.ts";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeHead, makeTenant, must, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("heads")).key;
});

const create = (body: unknown) => call("POST", "/v1/heads", { key, body });
const onFeatures = { task: "classification", backbone: "features", dimension: 2 };
const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });

describe("the creation of a head", () => {
  it("answers 201 with the head and its location", async () => {
    const answer = await call<HeadView>("POST", "/v1/heads", { key, body: { id: "first", ...onFeatures } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe("/v1/heads/first");
    expect(answer.body).toMatchObject({
      id: "first",
      task: "classification",
      labels: [],
      live: null,
      backbone: { id: "features", identity: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), dimension: 2 },
      examples: { total: 0, pending: 0, by_label: {} },
    });
    expect(answer.body.policy).toBeTypeOf("object");
    expect(await show("first")).toEqual(answer.body);
  });

  it("answers 409 if the id is in use, and the first head keeps its examples", async () => {
    await makeHead(key, "twice");
    await upload(key, "twice", [{ features: [1, 2], label: "a" }]);
    expectProblem(await create({ id: "twice", ...onFeatures, dimension: 3 }), 409, "conflict");
    expect(await show("twice")).toMatchObject({ backbone: { dimension: 2 }, examples: { total: 1 } });
  });

  it("is possible with the same id in two tenants", async () => {
    const other = await makeTenant("heads-other");
    await makeHead(key, "shared");
    await upload(key, "shared", [{ features: [1, 2], label: "a" }]);
    expect((await makeHead(other.key, "shared")).examples.total).toBe(0);
  });

  it.each([
    ["no dimension on features", { dimension: undefined }, "/dimension"],
    ["dimension 0", { dimension: 0 }, "/dimension"],
    ["dimension 4,097", { dimension: 4_097 }, "/dimension"],
    ["half a dimension", { dimension: 1.5 }, "/dimension"],
    ["a dimension that is not the backbone's", { backbone: "text-embedded" }, "/dimension"],
    ["an unknown backbone", { backbone: "gpt" }, "/backbone"],
    ["an unknown task", { task: "clustering" }, "/task"],
    ["a single label", { labels: ["only"] }, "/labels"],
    ["a label twice", { labels: ["a", "b", "a"] }, "/labels"],
    ["an empty label", { labels: ["a", ""] }, "/labels/1"],
    ["a blank label", { labels: ["a", " "] }, "/labels/1"],
    ["a description of 2,001 characters", { description: "x".repeat(2_001) }, "/description"],
    ["an unknown field", { colour: "red" }, "/colour"],
  ])("is refused with a pointer for %s, and creates nothing", async (_, change, pointer) => {
    const answer = await create({ id: "refused", ...onFeatures, ...change });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
    expectProblem(await call("GET", "/v1/heads/refused", { key }), 404, "not_found");
  });

  it("accepts the text backbone with or without its dimension", async () => {
    const { backbone } = await makeHead(key, "text-a", { backbone: "text-embedded" });
    await makeHead(key, "text-b", { backbone: "text-embedded", dimension: backbone.dimension });
    expect(await show("text-b")).toMatchObject({ backbone });
  });

  it("gives another identity to features of another dimension", async () => {
    const [a, b] = [await makeHead(key, "dim-2"), await makeHead(key, "dim-3", { dimension: 3 })];
    expect(a.backbone.identity).not.toBe(b.backbone.identity);
  });
});

describe("a head of another task", () => {
  it.each(["multilabel", "regression"] as const)(
    "is created for %s, and needs examples before it can be trained",
    async (task) => {
      expect(await makeHead(key, `of-${task}`, { task })).toMatchObject({ task, labels: [], examples: { total: 0 } });
      expectProblem(await call("POST", `/v1/heads/of-${task}/jobs`, { key, body: {} }), 422, "not_enough_examples");
      const body = { inputs: [{ features: [1, 2] }] };
      expectProblem(await call("POST", `/v1/heads/of-${task}/predict`, { key, body }), 409, "no_live_version");
    },
  );

  it("may have fixed labels if it is multilabel, but not if it is a regression", async () => {
    const labels = ["b", "a"];
    expect((await makeHead(key, "tags", { task: "multilabel", labels })).labels).toEqual(labels);
    const answer = await create({ ...onFeatures, id: "values", task: "regression", labels });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.[0]?.pointer).toBe("/labels");
    expectProblem(await call("GET", "/v1/heads/values", { key }), 404, "not_found");
  });
});

describe("fixed labels", () => {
  it("are listed in their order with their counts, and no other label is accepted", async () => {
    const labels = ["zebra", "ant", "mole"];
    await makeHead(key, "fixed", { labels });
    const rows = ["ant", "lion", "ant"].map((label, i) => ({ features: [i, 1], label }));
    const result = await upload(key, "fixed", rows);
    expect(result).toMatchObject({ added: 2, rejected: [{ index: 1, code: "unknown_label", pointer: "/label" }] });
    const head = await show("fixed");
    expect(head.labels).toEqual(labels);
    expect(head.examples).toEqual({ total: 2, pending: 0, by_label: { zebra: 0, ant: 2, mole: 0 } });
  });
});

describe("a request for heads", () => {
  it("lists heads by id, in pages", async () => {
    const { key: own } = await makeTenant("heads-listed");
    for (const id of ["c", "a", "b"]) await makeHead(own, id);
    const first = await must<Page<HeadView>>("GET", "/v1/heads?limit=2", { key: own });
    expect(first.data.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(first.has_more).toBe(true);
    const second = await must<Page<HeadView>>("GET", `/v1/heads?limit=2&after=${first.next}`, { key: own });
    expect(second).toMatchObject({ data: [{ id: "c" }], has_more: false, next: null });
  });

  it("lists heads with many labels as it shows them alone", async () => {
    const { key: own } = await makeTenant("many-labels");
    const labels = Array.from({ length: 1_000 }, (_, i) => `label ${i}`);
    const ids = Array.from({ length: 6 }, (_, i) => `head-${i}`);
    for (const id of ids) await makeHead(own, id, { labels });
    const shown = await Promise.all(ids.map((id) => must<HeadView>("GET", `/v1/heads/${id}`, { key: own })));
    const listed = await must<Page<HeadView>>("GET", "/v1/heads", { key: own });
    expect(listed).toEqual({ data: shown, has_more: false, next: null });
  });

  it("is refused with a cursor that no page returned", async () => {
    for (const after of ["", "A", "-a", "a_b", "%00", "a".repeat(41)]) {
      const refused = await call("GET", `/v1/heads?after=${after}`, { key });
      expectProblem(refused, 400, "invalid_request");
      expect(refused.body.errors?.[0]?.pointer).toBe("/after");
    }
  });

  it("may change the description, and changes nothing else", async () => {
    const before = await makeHead(key, "described", { description: "old" });
    const after = await must<HeadView>("PATCH", "/v1/heads/described", { key, body: { description: "new" } });
    expect(after).toEqual({ ...before, description: "new" });
    expect(await must("PATCH", "/v1/heads/described", { key, body: {} })).toEqual(after);
  });

  it("is refused if it would change what is fixed at creation", async () => {
    await makeHead(key, "born");
    for (const field of ["backbone", "dimension", "task", "id", "labels"]) {
      const answer = await call("PATCH", "/v1/heads/born", { key, body: { [field]: "x" } });
      expectProblem(answer, 400, "invalid_request");
    }
  });
});

describe("the deletion of a head", () => {
  it("deletes examples, jobs and versions, so that a new head with the same id is empty", async () => {
    await makeHead(key, "gone");
    const rows = [1, 2, 3, 4].map((n) => ({ features: [n % 2, n], label: n % 2 ? "odd" : "even" }));
    await upload(key, "gone", rows);
    const job = await train(key, "gone");
    expect((await call("DELETE", "/v1/heads/gone", { key })).status).toBe(204);
    for (const path of ["", "/examples", "/jobs", "/versions", `/jobs/${job.id}/events`]) {
      expectProblem(await call("GET", `/v1/heads/gone${path}`, { key }), 404, "not_found");
    }
    expectProblem(await call("DELETE", "/v1/heads/gone", { key }), 404, "not_found");
    expect(await makeHead(key, "gone")).toMatchObject({ live: null, labels: [], examples: { total: 0 } });
    for (const what of ["examples", "jobs", "versions"]) {
      expect(await must<Page<unknown>>("GET", `/v1/heads/gone/${what}`, { key })).toMatchObject({ data: [] });
    }
    expect(await upload(key, "gone", rows)).toMatchObject({ added: 4, features: { computed: 4, cached: 0 } });
  });
});

describe("a head that does not exist", () => {
  it.each([
    ["GET", "", undefined],
    ["DELETE", "", undefined],
    ["GET", "/examples", undefined],
    ["POST", "/predict", { inputs: [{ text: "x" }] }],
    ["POST", "/examples", { examples: [{ text: "x", label: "y" }] }],
  ])("is named in the answer: %s %s", async (method, path, body) => {
    const answer = await call(method, `/v1/heads/no-such-0${path}`, { key, body });
    expectProblem(answer, 404, "not_found");
    expect(answer.body.detail).toBe('There is no head "no-such-0"');
  });
});

describe("backbones", () => {
  it("are listed for any key with id, modality and dimension", async () => {
    for (const caller of [key, ADMIN_KEY]) {
      const { data } = await must<Page<BackboneView>>("GET", "/v1/backbones", { key: caller });
      expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(["features", "text-embedded"]));
      expect(data.find(({ id }) => id === "features")).toMatchObject({ modality: "features", dimension: null });
    }
  });

  it("are listed in pages", async () => {
    const ids: string[] = [];
    for (let after = ""; ; ) {
      const path = `/v1/backbones?limit=1${after && `&after=${after}`}`;
      const page = await must<Page<BackboneView>>("GET", path, { key });
      ids.push(...page.data.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(ids).toEqual(["features", "text-embedded"]);
    expectProblem(await call("GET", "/v1/backbones?limit=0", { key }), 400, "invalid_request");
  });
});
