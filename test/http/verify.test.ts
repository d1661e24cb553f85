// Verification of a version: its training is repeated in an ordinary job, and the digests are compared.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { JobView } from "../../src/contract/jobs.ts";
import type { Verification, VersionView } from "../../src/contract/versions.ts";
import { expectProblem } from "../support/problems.ts";
import { normals, seededRandom } from "../support/random.ts";
import { call, makeHead, makeTenant, must, train, upload, waitForJob } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("verify")).key;
});

const verify = (head: string, version: number, more = {}) =>
  call<Verification>("POST", `/v1/heads/${head}/versions/${version}/verify`, { key, ...more });
const versionOf = (head: string, version: number) =>
  must<VersionView>("GET", `/v1/heads/${head}/versions/${version}`, { key });
const jobsOf = async (head: string) => (await must<Page<JobView>>("GET", `/v1/heads/${head}/jobs`, { key })).data;

const DIMS = 32;
const rows = Array.from({ length: 120 }, (_, i) => ({
  id: `row-${i}`,
  features: Array.from(normals(seededRandom(i), DIMS), (x) => x + (i % 3)),
  label: `label-${i % 3}`,
}));

async function makeVersion(head: string, body = {}): Promise<VersionView> {
  await makeHead(key, head, { dimension: DIMS });
  await upload(key, head, rows);
  await train(key, head, body);
  return versionOf(head, 1);
}

describe("the verification of a version", () => {
  it("reproduces the digest from the same examples, recipe, options and seed", async () => {
    const { digest } = await makeVersion("same", { recipe: "linear", seed: 7, options: { class_weight: "balanced" } });
    const answer = await verify("same", 1);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ version: 1, digest, same: true, retrained: { digest } });
  });

  it("is a job in the list that stores the verdict, makes no version and leaves the live version unchanged", async () => {
    const { digest } = await makeVersion("listed");
    await train(key, "listed", { options: { l2: 0.5 }, promote: "always" });
    const { body: verdict } = await verify("listed", 1);
    const [newest, ...others] = await jobsOf("listed");
    expect(newest).toMatchObject({
      status: "succeeded",
      trigger: { kind: "api" },
      version: null,
      verify: 1,
      verification: verdict,
      progress: 1,
    });
    expect(verdict).toMatchObject({ same: true, digest });
    expect(others.map((job) => "verify" in job)).toEqual([false, false]);
    expectProblem(await call("GET", "/v1/heads/listed/versions/3", { key }), 404, "not_found");
    expect((await must<HeadView>("GET", "/v1/heads/listed", { key })).live).toBe(2);
    expect((await versionOf("listed", 1)).digest).toBe(digest);
  });

  it("reports that the examples changed, without a training, and succeeds once they are restored", async () => {
    const { digest } = await makeVersion("changed");
    await upload(key, "changed", [{ id: "new", features: Array(DIMS).fill(1), label: "label-1" }]);
    const changed = { version: 1, digest, same: null, reason: "dataset_changed" };
    expect((await verify("changed", 1)).body).toEqual(changed);
    expect(await jobsOf("changed")).toHaveLength(1);
    await must("DELETE", "/v1/heads/changed/examples/new", { key });
    expect((await verify("changed", 1)).body).toMatchObject({ same: true });
    await must("PATCH", "/v1/heads/changed/examples/row-0", { key, body: { label: "label-1" } });
    expect((await verify("changed", 1)).body).toEqual(changed);
  });

  it("reports that the examples changed if there are too few left to train on", async () => {
    await makeVersion("emptied");
    for (const { id } of rows) await must("DELETE", `/v1/heads/emptied/examples/${id}`, { key });
    expect((await verify("emptied", 1)).body).toMatchObject({ same: null, reason: "dataset_changed" });
  });

  it("is refused while a job is queued or running, with the id of that job", async () => {
    await makeVersion("busy");
    const { id } = await must<JobView>("POST", "/v1/heads/busy/jobs", { key, body: {} });
    const answer = await call("POST", "/v1/heads/busy/versions/1/verify", { key });
    expectProblem(answer, 409, "job_running");
    expect(answer.body.job).toBe(id);
    await waitForJob(key, "busy", id);
  });

  it("is answered with job_ended if its job is cancelled", async () => {
    await makeVersion("cancelled");
    const asked = call("POST", "/v1/heads/cancelled/versions/1/verify", { key });
    const answer = await Promise.race([asked, cancelVerification("cancelled")]);
    if (answer)
      expect(answer.status).toBe(200); // the training was faster
    else expectProblem(await asked, 409, "job_ended");
  });

  it("returns the first verdict again for the same Idempotency-Key", async () => {
    await makeVersion("once");
    const headers = { "Idempotency-Key": "verify-once" };
    const [first, second] = [await verify("once", 1, { headers }), await verify("once", 1, { headers })];
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect(second.body).toEqual(first.body);
    expect(await jobsOf("once")).toHaveLength(2);
  });

  it("is answered with 404 for an unknown version", async () => {
    await makeHead(key, "untrained");
    expectProblem(await call("POST", "/v1/heads/untrained/versions/1/verify", { key }), 404, "not_found");
  });
});

/** Cancels the verification's job as soon as there is one. Resolves to null once it is cancelled. */
async function cancelVerification(head: string): Promise<null> {
  for (;;) {
    const job = (await jobsOf(head)).find(({ verify: version }) => version === 1);
    const path = `/v1/heads/${head}/jobs/${job?.id}/cancel`;
    if (job && (await call("POST", path, { key })).status === 200) return null;
    await scheduler.wait(1);
  }
}
