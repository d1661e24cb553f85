// Every operation of the contract, called by the client on the real service, in one story of a tenant. Each answer is compared
// with the contract: an operation without a step here, or without a method of the client, does not compile.
import { describe, expect, it } from "vitest";
import { ApiError, type Client, createClient, itemsOf } from "../../src/client/client.ts";
import type { DeliveryAnswer } from "../../src/contract/deliveries.ts";
import type { EndpointWithSecret } from "../../src/contract/endpoints.ts";
import type { ExampleRow } from "../../src/contract/examples.ts";
import type { Operation } from "../../src/contract/routes.ts";
import type { CreatedSource } from "../../src/contract/sources.ts";
import { expectDeclared, operationOf } from "../support/declared.ts";
import { ADMIN_KEY, corners, ORIGIN, sendRequest } from "../support/service.ts";
import { standardHeaders } from "../support/signing.ts";

const TENANT = "declared";
/** By operation, the statuses of the answers that were compared with the contract. */
const seen = new Map<Operation, Set<number>>();

/** Sends to the service in this runtime, and compares the answer with the contract. */
async function fetch(url: string, init: RequestInit): Promise<Response> {
  const request = new Request(url, init);
  const operation = operationOf(request.method, url.slice(ORIGIN.length));
  if (!operation) throw new Error(`No operation of the contract has ${request.method} ${url}`);
  const response = await sendRequest(request);
  const bytes = await response.arrayBuffer();
  expectDeclared(operation, {
    status: response.status,
    headers: response.headers,
    text: new TextDecoder().decode(bytes),
  });
  seen.set(operation, (seen.get(operation) ?? new Set()).add(response.status));
  return new Response(bytes.byteLength > 0 ? bytes : null, response);
}

const operator = createClient(ORIGIN, ADMIN_KEY, { fetch, retries: 0 });
/** Values that steps pass on to later steps. */
const world = {} as {
  client: Client;
  key: string;
  readKey: string;
  job: string;
  source: CreatedSource;
  endpoint: EndpointWithSecret;
};

const tickets: ExampleRow[] = Array.from({ length: 12 }, (_, i) => [
  { id: `refund/${i}`, text: `money back for order number ${i}`, label: "refund" },
  { id: `parcel/${i}`, text: `where is my parcel number ${i}`, label: "delivery" },
]).flat();

async function trained(head: string, options = {}): Promise<string> {
  const { id } = await world.client.startJob(head, options);
  for await (const { type, data } of world.client.watchJob(head, id))
    expect(type, JSON.stringify(data)).not.toBe("failed");
  return id;
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error("There was no problem", { cause: error });
  return error.code;
}

/** Waits for data that appears some time after an answer, such as counts and captures. */
async function until<T>(look: () => Promise<readonly T[]>): Promise<T> {
  for (;;) {
    const [first] = await look();
    if (first !== undefined) return first;
    await scheduler.wait(20);
  }
}

async function deliver(payload: unknown, id: string): Promise<DeliveryAnswer> {
  const body = JSON.stringify(payload);
  return world.client.receiveDelivery(
    world.source.id,
    body,
    standardHeaders(world.source.secret, body, Date.now(), id),
  );
}
const firstCapture = async (): Promise<string> =>
  (await until(async () => (await world.client.listCaptures("tickets")).data)).id;

const STEPS: { readonly [Name in Operation]: () => Promise<unknown> } = {
  getHealth: () => operator.getHealth(),
  listBackbones: () => operator.listBackbones({ limit: 1 }),

  createTenant: async () => {
    const { key } = await operator.createTenant(TENANT, "Declared");
    world.key = key;
    world.client = createClient(ORIGIN, key, { fetch, retries: 0 });
    expect(await problemOf(operator.createTenant(TENANT))).toBe("conflict");
  },
  listTenants: () => operator.listTenants({ limit: 2 }),
  getTenant: () => operator.getTenant(TENANT),
  updateTenant: () => operator.updateTenant(TENANT, { quotas: { heads: 10 } }),
  createTenantKey: () => operator.createTenantKey(TENANT, { scopes: ["predict"], name: "shop" }),
  createKey: async () => {
    const { id } = await world.client.createKey({ scopes: ["read"], requests_per_minute: 60 });
    world.readKey = id;
  },
  listKeys: () => world.client.listKeys(),
  revokeKey: () => world.client.revokeKey(world.readKey),

  createHead: async () => {
    const { client } = world;
    await client.createHead({ id: "tickets", task: "classification", backbone: "text-embedded", keep_versions: 9 });
    await client.createHead({ id: "tags", task: "multilabel", backbone: "features", dimension: 2 });
    await client.createHead({ id: "prices", task: "regression", backbone: "features", dimension: 2 });
    expect(await problemOf(client.createHead({ id: "a", task: "regression", backbone: "features" }))).toBe(
      "invalid_request",
    );
  },
  listHeads: () => world.client.listHeads(),
  getHead: () => world.client.getHead("tickets"),
  updateHead: () =>
    world.client.updateHead("tickets", {
      description: "of the shop",
      log_hours: 1,
      capture: { rate: 1, keep_days: 1 },
    }),
  setPolicy: () =>
    world.client.setPolicy("tickets", {
      promote: "always",
      metric: "accuracy",
      quiet_hours: { from: "01:00", to: "02:00" },
    }),
  getPolicy: () => world.client.getPolicy("tags"),

  uploadExamples: async () => {
    const { client } = world;
    const odd = [
      { text: "money back", label: "refund" },
      { text: "Money back", label: "delivery" },
      { label: "delivery" },
    ];
    await client.uploadExamples("tickets", odd);
    await client.uploadExamples("tickets", {
      csv: "text,label,split\nback my money,refund,test\na parcel,delivery,\n,,",
    });
    await client.uploadExamples("tickets", { ndjson: tickets.map((row) => JSON.stringify(row)).join("\n") });
    await client.uploadExamples(
      "tags",
      corners().map(({ features, label }) => ({ features, labels: [label, "all"] })),
    );
    await client.uploadExamples(
      "prices",
      corners().map(({ features }) => ({ features, value: features[0] })),
    );
  },
  listExamples: async () => {
    const all = itemsOf((page) => world.client.listExamples("tickets", { ...page, limit: 10, label: "refund" }));
    let count = 0;
    for await (const { label } of all) count += Number(label === "refund");
    expect(count).toBeGreaterThan(12);
    await world.client.listExamples("tags", { limit: 1 });
    await world.client.listExamples("prices", { limit: 1 });
  },
  exportExamples: async () => {
    let count = 0;
    for await (const { features } of world.client.exportExamples("tickets", { features: "true" }))
      count += features?.length ? 1 : 0;
    expect(count).toBeGreaterThan(24);
    for await (const { labels } of world.client.exportExamples("tags")) expect(labels).toContain("all");
  },
  getExample: () => world.client.getExample("tickets", "refund/1"),
  updateExample: () => world.client.updateExample("tickets", "refund/1", { split: "validation" }),
  deleteExample: async () => {
    await world.client.deleteExample("tickets", "refund/2");
    expect(await problemOf(world.client.getExample("tickets", "refund/2"))).toBe("not_found");
  },

  startJob: async () => {
    world.job = await trained("tickets", { options: { learning_curve: true } });
    await trained("tags");
    await trained("prices", { recipe: "mlp", options: { max_epochs: 2 } });
    await world.client.createHead({ id: "empty", task: "classification", backbone: "features", dimension: 2 });
    expect(await problemOf(world.client.startJob("empty"))).toBe("not_enough_examples");
  },
  listJobs: () => world.client.listJobs("tickets"),
  getJob: () => world.client.getJob("tickets", world.job),
  watchJob: async () => {
    const types = [];
    for await (const { type } of world.client.watchJob("tickets", world.job)) types.push(type);
    expect(types.at(-1)).toBe("succeeded");
    const headers = { Authorization: `Bearer ${world.key}` };
    await fetch(`${ORIGIN}/v1/heads/tickets/jobs/${world.job}/events`, { headers });
  },
  cancelJob: async () => {
    const { id } = await world.client.startJob("tags", { recipe: "mlp", options: { max_epochs: 200 } });
    expect(await problemOf(world.client.startJob("tags"))).toBe("job_running");
    await world.client.cancelJob("tags", id);
  },

  listVersions: () => Promise.all(["tickets", "tags", "prices"].map((head) => world.client.listVersions(head))),
  getVersion: () => world.client.getVersion("tickets", 1),
  verifyVersion: () => world.client.verifyVersion("tickets", 1),
  exportVersion: async () => {
    for (const format of ["json", "safetensors", "tfjs", "onnx"] as const)
      await world.client.exportVersion("tickets", 1, format);
    for (const head of ["tags", "prices"]) await world.client.exportVersion(head, 1);
  },
  importVersion: async () => {
    const file = await world.client.exportVersion("tickets", 1, "safetensors");
    const { version } = await world.client.importVersion("tickets", file, "safetensors");
    expect(await world.client.importVersion("tickets", file, "safetensors")).toMatchObject({ version });
    expect(seen.get("importVersion")).toEqual(new Set([201, 200]));
  },
  promoteVersion: () => world.client.promoteVersion("tickets", 2),
  setTraffic: async () => {
    const split = [1, 2].map((version) => ({ version, weight: 50 }));
    await world.client.setTraffic("tickets", { split });
    expect(await world.client.getHead("tickets")).toMatchObject({ live: { split } });
    await world.client.promoteVersion("tickets", 1);
  },
  getTraffic: () => world.client.getTraffic("tickets"),
  rollback: () => world.client.rollback("tickets"),
  deleteVersion: async () => {
    await world.client.promoteVersion("tickets", 1);
    await world.client.setTraffic("tickets", { split: [{ version: 1, weight: 1 }], shadow: 2 });
    expect(await problemOf(world.client.deleteVersion("tickets", 1))).toBe("version_in_use");
    await trained("tickets", { promote: "never" });
    await world.client.deleteVersion("tickets", 3);
  },

  predict: async () => {
    const { client } = world;
    const inputs = [{ text: "my money back please" }, { features: [1, 2] }, { text: "parcel?" }];
    await client.predict("tickets", inputs, { top: 1, threshold: 0.99, coverage: 0.9 });
    await client.predict("tags", new Float32Array([1, 1, -1, -1]), { threshold: 0.4 });
    await client.predict("prices", [{ features: [1, 2] }]);
    expect(await problemOf(client.predict("empty", [{ features: [1, 2] }]))).toBe("no_live_version");
  },
  getStats: async () => {
    await until(async () => (await world.client.getStats("tickets")).hours);
  },
  giveFeedback: async () => {
    const { predictions } = await world.client.predict("tickets", [{ text: "I want it all back" }]);
    const prediction = (predictions[0] as { id: string }).id;
    await world.client.giveFeedback("tickets", { prediction, label: "refund" });
    await world.client.giveFeedback("prices", { input: { features: [3, 4] }, value: 3 });
  },
  listCaptures: firstCapture,
  labelCapture: async () => world.client.labelCapture("tickets", await firstCapture(), { label: "refund" }),
  deleteCapture: async () => world.client.deleteCapture("tickets", await firstCapture()),
  listLabelIssues: () =>
    until(async () => (await world.client.listLabelIssues("tickets", { min_suspicion: 0.1 })).data),

  createEndpoint: async () => {
    world.endpoint = await world.client.createEndpoint({ url: "http://outside.test/200/3", events: ["*"] });
  },
  listEndpoints: () => world.client.listEndpoints(),
  getEndpoint: () => world.client.getEndpoint(world.endpoint.id),
  updateEndpoint: () => world.client.updateEndpoint(world.endpoint.id, { description: "of the shop" }),
  rotateEndpoint: () => world.client.rotateEndpoint(world.endpoint.id),
  testEndpoint: () => world.client.testEndpoint(world.endpoint.id),
  listEndpointDeliveries: () =>
    until(async () => (await world.client.listEndpointDeliveries(world.endpoint.id, { status: "succeeded" })).data),
  redeliver: async () => {
    const { data } = await world.client.listEndpointDeliveries(world.endpoint.id);
    await world.client.redeliver(world.endpoint.id, data[0]?.id ?? "none");
  },
  deleteEndpoint: () => world.client.deleteEndpoint(world.endpoint.id),

  createSource: async () => {
    const mapping = { text: "/text", label: "/label" };
    world.source = await world.client.createSource("tickets", { scheme: "standard-webhooks", action: "add", mapping });
    await world.client.createSource("tickets", { scheme: "github", action: "add", preset: "github-issues" });
  },
  listSources: () => world.client.listSources("tickets"),
  getSource: () => world.client.getSource("tickets", world.source.id),
  testSource: async () => {
    await world.client.testSource("tickets", world.source.id, { payload: { text: "a box", label: "delivery" } });
    await world.client.testSource("tickets", world.source.id, { payload: { label: "delivery" } });
  },
  receiveDelivery: async () => {
    await deliver({ text: "a cup is missing", label: "refund" }, "msg_1");
    await deliver({ text: "a cup is missing", label: "refund" }, "msg_1");
    expect(seen.get("receiveDelivery")).toEqual(new Set([202, 200]));
    for (const id of ["msg_2", "msg_3"])
      expect(await problemOf(deliver({ message: "hello", label: "refund" }, id))).toBe("unmappable");
    expect(await problemOf(world.client.receiveDelivery(world.source.id, "{}", {}))).toBe("bad_signature");
  },
  listDeliveries: () => world.client.listDeliveries("tickets", world.source.id, { limit: 2 }),
  getDelivery: () => world.client.getDelivery("tickets", world.source.id, "msg_2"),
  redactDelivery: () => world.client.redactDelivery("tickets", world.source.id, "msg_2"),
  updateSource: () =>
    world.client.updateSource("tickets", world.source.id, {
      mapping: { text: "/message", label: "/label" },
      description: "shop",
    }),
  replayDelivery: () => world.client.replayDelivery("tickets", world.source.id, "msg_3"),
  getRefusals: async () => expect((await world.client.getRefusals("tickets", world.source.id)).count).toBe(1),
  rotateSource: () => world.client.rotateSource("tickets", world.source.id),
  deleteSource: () => world.client.deleteSource("tickets", world.source.id),

  listUsage: () => until(async () => (await world.client.listUsage({ head: "tickets" })).data),
  deleteHead: async () => {
    await world.client.deleteHead("tickets");
    expect(await problemOf(world.client.getHead("tickets"))).toBe("not_found");
  },
  deleteTenant: () => operator.deleteTenant(TENANT),
};

describe("the client and the service, in the order of a tenant's life", () => {
  for (const name of Object.keys(STEPS) as Operation[]) {
    it(`${name} succeeds, and its answer is as the contract declares`, async () => {
      await STEPS[name]();
      expect([...(seen.get(name) ?? [])].filter((status) => status < 300)).not.toEqual([]);
    });
  }
});
