// Serving: which version answers, what is recorded, and how old a replica may be.
import { createExecutionContext, env } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { CaptureView } from "../../src/contract/captures.ts";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { Classified } from "../../src/contract/predict.ts";
import type { Stats } from "../../src/contract/stats.ts";
import { createApp } from "../../src/http/app.ts";
import { expectProblem } from "../support/problems.ts";
import {
  type Answer,
  call,
  corners,
  makeHead,
  makeTenant,
  makeTextHead,
  makeTrainedHead,
  must,
  train,
  upload,
} from "../support/service.ts";
import { until } from "../support/until.ts";

interface Predicted {
  readonly version: number;
  readonly stale?: boolean;
  readonly predictions: readonly Classified[];
}

let key = "";
beforeAll(async () => {
  key = (await makeTenant("serving")).key;
});

/** A head with three versions, which differ by their certainty. The first is live. */
async function threeVersions(id: string): Promise<void> {
  await makeTrainedHead(key, id);
  await train(key, id, { recipe: "linear", promote: "never", options: { l2: 1 } });
  await train(key, id, { recipe: "linear", promote: "never", options: { l2: 50 } });
}

const ask = (head: string, more: object = {}, features = [0.3, 0.2]): Promise<Answer<Predicted>> =>
  call<Predicted>("POST", `/v1/heads/${head}/predict`, { key, body: { inputs: [{ features }], ...more } });
const versionOf = async (head: string, more: object = {}) => (await ask(head, more)).body.version;
const put = (head: string, body: unknown) => call("PUT", `/v1/heads/${head}/traffic`, { key, body });
const back = (head: string) => call<{ version: number; live: boolean }>("POST", `/v1/heads/${head}/rollback`, { key });
const statsOf = (head: string) => must<Stats>("GET", `/v1/heads/${head}/stats`, { key });
const capturesOf = (head: string, query = "") =>
  must<Page<CaptureView>>("GET", `/v1/heads/${head}/captures?${query}`, { key });

/** Another Worker that answers for a head, with its own `bindings` and its own caches. */
function anotherWorker(head: string, bindings: object) {
  const app = createApp();
  const ownEnv = { ...env, ...bindings };
  return async (more: object = {}) => {
    const context = createExecutionContext();
    const request = new Request(`http://lastlayer.test/v1/heads/${head}/predict`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ inputs: [{ features: [1, 1] }], ...more }),
    });
    const response = await app.fetch(request, ownEnv, context);
    return { status: response.status, body: (await response.json()) as Predicted & { code?: string } };
  };
}

/** Polls until the answer includes the Workers' reports. */
async function eventually<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  let value = await read();
  await until(async () => {
    value = await read();
    return isThere(value);
  });
  return value;
}

describe("the replica", () => {
  it("gives the same bits as a strong answer, for every version, task and backbone", async () => {
    await threeVersions("same-bits");
    for (const version of [1, 2, 3]) {
      const options = { version, coverage: 0.9 };
      const [near, strong] = [
        await ask("same-bits", options),
        await ask("same-bits", { ...options, consistency: "strong" }),
      ];
      expect(near.body).toEqual(strong.body);
    }
    await makeTextHead(key, "words");
    const rows = ["refund", "status"].flatMap((label) => [1, 2, 3].map((i) => ({ text: `${label} ${i}`, label })));
    await upload(key, "words", rows);
    await train(key, "words");
    const body = { inputs: [{ text: "a refund, please" }, { text: "status?" }] };
    const answers = await Promise.all(
      ["replica", "strong"].map((consistency) =>
        must<Predicted>("POST", "/v1/heads/words/predict", { key, body: { ...body, consistency } }),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  it("answers with a new version as soon as this Worker has reported that its job succeeded", async () => {
    await makeTrainedHead(key, "at-once");
    expect(await versionOf("at-once")).toBe(1);
    await train(key, "at-once", { promote: "always" });
    expect(await versionOf("at-once")).toBe(2);
  });

  it("may miss a change that another Worker made, which a strong answer never does", async () => {
    await threeVersions("behind");
    const askThere = anotherWorker("behind", { REPLICA_MAX_AGE_SECONDS: "60" });
    expect((await askThere()).body.version).toBe(1);
    await must("POST", "/v1/heads/behind/versions/3/promote", { key });
    expect((await askThere()).body.version).toBe(1);
    expect((await askThere({ consistency: "strong" })).body).toMatchObject({ version: 3 });
    expect((await askThere()).body.version).toBe(3);
    await back("behind");
    expect((await askThere({ consistency: "strong" })).body).toMatchObject({ version: 1 });
  });

  it("continues with its cached state, marked as stale, if the object is unreachable; a strong request fails", async () => {
    await makeTrainedHead(key, "cut-off");
    let isReachable = true;
    const heads = env.HEADS as DurableObjectNamespace;
    const getByName = (name: string) =>
      new Proxy(heads.getByName(name), {
        get: (stub, method: string) =>
          isReachable ? stub[method as never] : async () => Promise.reject(new Error("no network")),
      });
    const askHere = anotherWorker("cut-off", { HEADS: { getByName }, REPLICA_MAX_AGE_SECONDS: "0.02" });
    expect((await askHere()).body.stale).toBeUndefined();
    isReachable = false;
    await scheduler.wait(50);
    const cut = await askHere();
    expect(cut).toMatchObject({ status: 200, body: { version: 1, stale: true } });
    expect(await askHere({ consistency: "strong" })).toMatchObject({ status: 503, body: { code: "unavailable" } });
    isReachable = true;
    await scheduler.wait(600);
    expect((await askHere()).body.stale).toBeUndefined();
  });
});

describe("rows of float32", () => {
  const f32 = (rows: number[][], query = "", head = "floats") =>
    call<Predicted>("POST", `/v1/heads/${head}/predict${query}`, {
      key,
      body: new Uint8Array(new Float32Array(rows.flat()).buffer),
      headers: { "Content-Type": "application/vnd.lastlayer.f32" },
    });

  it("are answered like the same numbers in JSON, with all options", async () => {
    await makeTrainedHead(key, "floats");
    const rows = [[1, 0.5], [-1, 2], [0.25, -0.125]]; // biome-ignore format: rows
    const inputs = rows.map((features) => ({ features }));
    const json = await must<Predicted>("POST", "/v1/heads/floats/predict", {
      key,
      body: { inputs, top: 1, threshold: 0.9, coverage: 0.5, version: 1 },
    });
    expect((await f32(rows, "?top=1&threshold=0.9&coverage=0.5&version=1")).body).toEqual(json);
  });

  it("are refused if they are not whole rows, and each row is refused alone if it is not finite", async () => {
    expectProblem(await f32([[1, 2], [3]]) as never, 400, "invalid_request"); // biome-ignore format: rows
    expectProblem((await f32([])) as never, 400, "invalid_request");
    expectProblem((await f32(Array.from({ length: 257 }, () => [1, 1]))) as never, 413, "too_large");
    expectProblem((await f32([[1, 1]], "?threshold=2")) as never, 400, "invalid_request");
    const { body } = await f32([[1, 1], [Number.NaN, 1]]); // biome-ignore format: rows
    expect(body.predictions[1]).toMatchObject({ error: { code: "invalid_input" } });
    expect(body.predictions[0]?.label).toBe("north");
  });

  it("are accepted only by heads of vectors", async () => {
    await makeTextHead(key, "no-floats");
    await upload(
      key,
      "no-floats",
      ["a", "b"].flatMap((label) => [1, 2].map((i) => ({ text: `${label} ${i}`, label }))),
    );
    await train(key, "no-floats");
    expectProblem((await f32([[1, 1]], "", "no-floats")) as never, 415, "unsupported_media_type");
  });
});

/** Options of requests that are answered from the replica's state, and from the object. */
const EITHER = [{}, { consistency: "strong" }];

describe("the traffic of a head", () => {
  it("gives each caller one version of a split, by key or else by input, from the replica and from the object", async () => {
    await threeVersions("split");
    const split = [{ version: 1, weight: 50 }, { version: 2, weight: 50 }]; // biome-ignore format: shares
    expect((await put("split", { split })).body).toEqual({ split, shadow: null });
    const callers = Array.from({ length: 24 }, (_, i) => `caller ${i}`);
    const answered = await Promise.all(callers.map((who) => versionOf("split", { key: who })));
    expect(new Set(answered)).toEqual(new Set([1, 2]));
    for (const more of EITHER) {
      expect(await Promise.all(callers.map((who) => versionOf("split", { key: who, ...more })))).toEqual(answered);
    }
    const byInput = await Promise.all(callers.map((_, i) => ask("split", {}, [i, 1])));
    expect(new Set(byInput.map(({ body }) => body.version))).toEqual(new Set([1, 2]));
    const { live } = await must<HeadView>("GET", "/v1/heads/split", { key });
    expect(live).toEqual({ version: 2, split, shadow: null });
  });

  it("is restored by a rollback to what was live before, which the answer shows", async () => {
    await threeVersions("back");
    await must("POST", "/v1/heads/back/versions/3/promote", { key });
    for (const more of EITHER) expect(await versionOf("back", more)).toBe(3);
    expect((await back("back")).body).toMatchObject({ version: 1, live: true, split: [{ version: 1 }] });
    for (const more of EITHER) expect(await versionOf("back", more)).toBe(1);
    expectProblem((await back("back")) as never, 409, "conflict");
  });

  it("may not have versions that are unknown, repeated, without weight, or their own shadow", async () => {
    await makeTrainedHead(key, "refused");
    const one = { version: 1, weight: 1 };
    expectProblem(await put("refused", { split: [{ version: 9, weight: 1 }] }), 404, "not_found");
    expectProblem(await put("refused", { split: [one], shadow: 9 }), 404, "not_found");
    for (const body of [
      { split: [one, one] },
      { split: [{ ...one, weight: 0 }] },
      { split: [] },
      { split: [one], shadow: 1 },
    ]) {
      expectProblem(await put("refused", body), 400, "invalid_request");
    }
    expect(await versionOf("refused")).toBe(1);
  });

  it("cannot be rolled back if no version was ever live", async () => {
    await makeHead(key, "never-live");
    expectProblem((await back("never-live")) as never, 409, "no_live_version");
  });

  it("has its inputs scored by the shadow too, whose agreement is counted but which never answers", async () => {
    await threeVersions("shadowed");
    await put("shadowed", { split: [{ version: 1, weight: 1 }], shadow: 3 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => ask("shadowed", { threshold: 0.99 }, [i - 5, 1])),
    );
    expect(answers.every(({ body }) => body.version === 1)).toBe(true);
    const { versions } = await eventually(
      () => statsOf("shadowed"),
      (stats) => stats.versions.some(({ version, shadow }) => version === 3 && shadow?.predictions === 10),
    );
    const [third, first] = [
      versions.find(({ version }) => version === 3),
      versions.find(({ version }) => version === 1),
    ];
    expect(third).toMatchObject({ requests: 0, shadow: { predictions: 10 } });
    expect(third?.shadow?.agreement).toBeGreaterThan(0.5);
    expect(first).toMatchObject({ requests: 10, predictions: 10, shadow: null });
    expect(first?.abstentions).toBe(answers.filter(({ body }) => body.predictions[0]?.abstained).length);
  });
});

describe("captures", () => {
  const capture = (head: string, rule: unknown) => call("PATCH", `/v1/heads/${head}`, { key, body: { capture: rule } });

  it("are not stored unless they are turned on", async () => {
    await makeTrainedHead(key, "silent");
    await ask("silent");
    await eventually(
      () => statsOf("silent"),
      ({ versions }) => versions.length > 0,
    );
    expect((await capturesOf("silent")).data).toEqual([]);
  });

  it("list uncertain inputs once each, most uncertain first, and a labelled one becomes an example", async () => {
    await makeTrainedHead(key, "review");
    expect((await capture("review", { below: 0.9 })).status).toBe(200);
    for (const x of [0, 0.02, 0.05, 3, 0.02]) await ask("review", {}, [x, x]);
    const { data } = await eventually(
      () => capturesOf("review"),
      (page) => page.data.length >= 3,
    );
    expect(data).toHaveLength(3);
    expect(data.map(({ uncertainty }) => uncertainty)).toEqual(
      data.map(({ uncertainty }) => uncertainty).sort((a, b) => b - a),
    );
    const [first, second] = [await capturesOf("review", "limit=2"), data[2]?.id];
    expect((await capturesOf("review", `limit=2&after=${first.next}`)).data.map(({ id }) => id)).toEqual([second]);
    const id = data[0]?.id as string;
    const path = `/v1/heads/review/captures/${id}/label`;
    expectProblem(await call("POST", path, { key, body: { value: 1 } }), 400, "invalid_request");
    expect((await must<{ added: number }>("POST", path, { key, body: { label: "north" } })).added).toBe(1);
    expectProblem(await call("POST", path, { key, body: { label: "north" } }), 404, "not_found");
    expect((await capturesOf("review")).data).toHaveLength(2);
    const examples = await must<Page<{ source: string }>>("GET", "/v1/heads/review/examples?limit=200", { key });
    expect(examples.data.filter(({ source }) => source === "capture")).toHaveLength(1);
  });

  it("keep a label that was accepted and none that was refused, for any number of concurrent labels", async () => {
    await makeTrainedHead(key, "rush");
    await capture("rush", { rate: 1 });
    for (let x = 0; x < 6; x++) await ask("rush", {}, [x / 10, 0]);
    const { data } = await eventually(
      () => capturesOf("rush"),
      (page) => page.data.length === 6,
    );
    for (const { id } of data) {
      const path = `/v1/heads/rush/captures/${id}/label`;
      const labels = ["north", "south", "east"];
      const answers = await Promise.all(labels.map((label) => call("POST", path, { key, body: { label } })));
      const taken = labels.filter((_, i) => answers[i]?.status === 200);
      const examples = await must<Page<{ label: string }>>("GET", "/v1/heads/rush/examples?limit=200", { key });
      expect(taken).toContain(examples.data.at(-1)?.label);
    }
  });

  it("are refused with an invalid rule, and are deleted when they are turned off", async () => {
    await makeTrainedHead(key, "rules");
    for (const rule of [{ rate: 2 }, { below: -1 }, { keep_days: 0 }, { often: 1 }]) {
      expectProblem(await capture("rules", rule), 400, "invalid_request");
    }
    expect((await capture("rules", { rate: 1 })).body).toMatchObject({ capture: { rate: 1, keep_days: 30 } });
    expect((await capture("rules", null)).body).toMatchObject({ capture: null });
    await ask("rules");
    await eventually(
      () => statsOf("rules"),
      ({ versions }) => versions.length > 0,
    );
    expect((await capturesOf("rules")).data).toEqual([]);
  });
});

describe("the statistics of a head", () => {
  it("are exact, by version and hour", async () => {
    await threeVersions("counted");
    await Promise.all(Array.from({ length: 30 }, () => ask("counted")));
    await Promise.all(Array.from({ length: 5 }, () => ask("counted", { version: 2, consistency: "strong" })));
    const { versions, hours } = await eventually(
      () => statsOf("counted"),
      (stats) => stats.versions.length === 2 && stats.versions.every(({ requests }) => requests >= 5),
    );
    const byVersion = Object.fromEntries(versions.map(({ version, requests }) => [version, requests]));
    expect(byVersion).toEqual({ 1: 30, 2: 5 });
    expect(hours.reduce((sum, { requests }) => sum + requests, 0)).toBe(35);
  });

  it("report drift once inputs differ from those of the training", async () => {
    await makeHead(key, "drifting");
    await upload(key, "drifting", corners(40));
    await train(key, "drifting");
    const far = Array.from({ length: 256 }, (_, i) => ({ features: [30 + i / 100, 31] }));
    await must("POST", "/v1/heads/drifting/predict", { key, body: { inputs: far } });
    const { drift } = await eventually(
      () => statsOf("drifting"),
      (stats) => stats.drift !== null,
    );
    expect(drift).toMatchObject({ version: 1, detected: true });
    expect(drift?.features).toBeGreaterThan(1);
  });
});

it("a promotion reports the split that it ended, and a rollback restores that split", async () => {
  await threeVersions("ended");
  const split = [
    { version: 1, weight: 90 },
    { version: 2, weight: 10 },
  ];
  await put("ended", { split });
  const promote = () => must<{ replaced?: unknown }>("POST", "/v1/heads/ended/versions/3/promote", { key });
  expect(await promote()).toMatchObject({ version: 3, live: true, replaced: split });
  expect(await promote()).not.toHaveProperty("replaced");
  expect((await back("ended")).body).toMatchObject({ split });
});
