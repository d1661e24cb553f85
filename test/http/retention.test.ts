// Deletion of versions: by hand, or because the head keeps only the newest ones.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, makeTrainedHead, must, train, upload } from "../support/service.ts";
import { until } from "../support/until.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("retention")).key;
});

const numbers = async (head: string): Promise<number[]> =>
  (await must<Page<VersionView>>("GET", `/v1/heads/${head}/versions?limit=200`, { key })).data.map(
    (one) => one.version,
  );
const remove = (head: string, version: number) => call("DELETE", `/v1/heads/${head}/versions/${version}`, { key });
const predict = (head: string, more = {}) =>
  call("POST", `/v1/heads/${head}/predict`, { key, body: { inputs: [{ features: [1, 1] }], ...more } });
const promote = (head: string, version: number) =>
  must("POST", `/v1/heads/${head}/versions/${version}/promote`, { key });
const keep = (head: string, keep_versions: number | null) =>
  must<HeadView>("PATCH", `/v1/heads/${head}`, { key, body: { keep_versions } });

async function eventually(head: string, expected: number[]): Promise<void> {
  await until(async () => String(await numbers(head)) === String(expected));
}

/** A head with versions `1..count`, version 1 live. */
async function withVersions(head: string, count: number, more = {}): Promise<void> {
  await makeHead(key, head, more);
  await upload(key, head, corners());
  for (let seed = 0; seed < count; seed++) await train(key, head, { seed, promote: seed === 0 ? "always" : "never" });
}

describe("the deletion of a version", () => {
  it("deletes an unused version for every reader, and its number is never used again", async () => {
    await withVersions("by-hand", 2);
    expect((await predict("by-hand", { version: 2 })).status).toBe(200);
    expect((await remove("by-hand", 2)).status).toBe(204);
    expect(await numbers("by-hand")).toEqual([1]);
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/export?format=json"],
      ["POST", "/promote"],
      ["DELETE", ""],
    ] as const)
      expectProblem(await call(method, `/v1/heads/by-hand/versions/2${path}`, { key }), 404, "not_found");
    expectProblem(await predict("by-hand", { version: 2 }), 404, "not_found");
    expect((await predict("by-hand")).status).toBe(200);
    expect((await train(key, "by-hand", { promote: "never" })).version).toBe(3);
  });

  it("is refused for a live version, one with a share of a split, and the shadow", async () => {
    await withVersions("in-use", 3);
    expectProblem(await remove("in-use", 1), 409, "version_in_use");
    const split = [1, 2].map((version) => ({ version, weight: 1 }));
    await must("PUT", "/v1/heads/in-use/traffic", { key, body: { split, shadow: 3 } });
    for (const version of [1, 2, 3]) expectProblem(await remove("in-use", version), 409, "version_in_use");
    expect(await numbers("in-use")).toEqual([3, 2, 1]);
  });

  it("makes a rollback skip the deleted version", async () => {
    await withVersions("skipped", 3);
    await promote("skipped", 2);
    await promote("skipped", 3);
    expect((await remove("skipped", 2)).status).toBe(204);
    expect(await must("POST", "/v1/heads/skipped/rollback", { key })).toMatchObject({ version: 1, live: true });
  });
});

describe("keep_versions", () => {
  it("is 20 by default, may be null to keep all versions, and may not be 0", async () => {
    expect(await makeHead(key, "default")).toMatchObject({ keep_versions: LIMITS.keepVersionsDefault });
    expect(await makeHead(key, "all", { keep_versions: null })).toMatchObject({ keep_versions: null });
    expect(await keep("all", 3)).toMatchObject({ keep_versions: 3 });
    expect(await keep("all", null)).toMatchObject({ keep_versions: null });
    expectProblem(await call("PATCH", "/v1/heads/all", { key, body: { keep_versions: 0 } }), 400, "invalid_request");
  });

  it("deletes older versions after a training, but never a live one", async () => {
    await withVersions("two", 4, { keep_versions: 2 });
    await eventually("two", [4, 3, 1]);
    expect((await predict("two")).status).toBe(200);
  });

  it("deletes older versions after an import, and their weights can be imported again", async () => {
    await withVersions("imports", 2, { keep_versions: 1 });
    await eventually("imports", [2, 1]);
    const { text } = await call("GET", "/v1/heads/imports/versions/2/export?format=json", { key });
    const headers = { "Content-Type": "application/json" };
    const importIt = () => call<VersionView>("POST", "/v1/heads/imports/versions/import", { key, body: text, headers });
    expect((await importIt()).body.version).toBe(3);
    await eventually("imports", [3, 1]);
    expect((await remove("imports", 3)).status).toBe(204);
    expect(await importIt()).toMatchObject({ status: 201, body: { version: 4 } });
  });

  it("keeps what a rollback can restore, and deletes it once no rollback can", async () => {
    await withVersions("reachable", 4, { keep_versions: null });
    await promote("reachable", 2);
    await promote("reachable", 3);
    await keep("reachable", 1);
    await scheduler.wait(100);
    await eventually("reachable", [4, 3, 2, 1]);
    await must("POST", "/v1/heads/reachable/rollback", { key });
    await must("POST", "/v1/heads/reachable/rollback", { key });
    await keep("reachable", 1);
    await eventually("reachable", [4, 1]);
  });

  it("keeps every version while it is null", async () => {
    await makeTrainedHead(key, "old");
    await keep("old", null);
    for (let seed = 1; seed < 4; seed++) await train(key, "old", { seed, promote: "never" });
    expect(await numbers("old")).toEqual([4, 3, 2, 1]);
  });
});
