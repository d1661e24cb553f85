// Updates continue from the live version if that is valid, and begin from scratch otherwise.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { isTerminal } from "../../../../src/contract/jobs.ts";
import type { JobRequestBody } from "../../../../src/contract/rpc.ts";
import type { VersionView } from "../../../../src/contract/versions.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { valueIn } from "../../../support/json-text.ts";
import { append, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";

/** More inputs than those for which every fold is held out. */
const MANY = 2_100;
let jobs = 0;

const rowsOf = (count: number, first = 0, split?: TestRow["split"]): TestRow[] =>
  Array.from({ length: count }, (_, i) => {
    const row = { id: `row ${first + i}`, label: (first + i) % 2 ? "odd" : "even" };
    return split === undefined ? row : { ...row, split };
  });

async function trained({ name, rpc }: TestHead, request: Partial<JobRequestBody>): Promise<VersionView> {
  const id = `job_${jobs++}`;
  unwrap(await rpc.startJob({ id, recipe: "linear", seed: 1, options: {}, promote: "always", ...request }));
  for (;;) {
    const job = unwrap(await rpc.getJob(id));
    if (isTerminal(job.status)) return valueIn(await rpc.getVersion(job.version as number));
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(name)))) await scheduler.wait(10);
  }
}

async function withLive(rows: readonly TestRow[]): Promise<{ head: TestHead; live: VersionView }> {
  const head = await makeHead();
  for (let at = 0; at < rows.length; at += 500) await append(head, rows.slice(at, at + 500));
  return { head, live: await trained(head, {}) };
}

describe("an update", () => {
  it("continues from the live version after new examples and labels", async () => {
    const { head, live } = await withLive(rowsOf(MANY));
    await append(head, [...rowsOf(20, MANY), { id: "x", label: "new" }, { id: "y", label: "new" }]);
    const { recipe, dataset, metrics } = await trained(head, { recipe: "update" });
    expect(recipe).toMatchObject({ name: "update", base: live.digest });
    expect(dataset).toMatchObject({ examples: MANY + 22, labels: ["even", "new", "odd"] });
    expect(metrics.validation.examples).toBeGreaterThan(MANY / 6);
  });

  it("cannot be verified once its base version is deleted", async () => {
    const { head, live } = await withLive(rowsOf(MANY));
    await append(head, rowsOf(2, MANY));
    const updated = await trained(head, { recipe: "update" });
    expect(updated.recipe.base).toBe(live.digest);
    unwrap(await head.rpc.deleteVersion(live.version));
    const { version, digest } = updated;
    const verdict = { version, digest, same: null, reason: "base_deleted" };
    expect(unwrap(await head.rpc.verifyVersion(version, "job_v"))).toEqual({ verdict });
  });

  it("begins from scratch after a deletion, so that the version has never seen the example", async () => {
    const { head } = await withLive(rowsOf(MANY));
    unwrap(await head.rpc.deleteExample("row 5"));
    const updated = await trained(head, { recipe: "update" });
    expect(updated.recipe.base).toBeUndefined();
    const { head: other } = await withLive(rowsOf(MANY).filter(({ id }) => id !== "row 5"));
    expect((await trained(other, { recipe: "update" })).dataset.digest).toBe(updated.dataset.digest);
  });

  // An update once continued from a head that had been fitted on rows that are held out now: random labels scored 0.875.
  it("begins from scratch if rows are held out now on which the live version was trained", async () => {
    const given = [...rowsOf(MANY, 0, "train"), ...rowsOf(300, MANY, "validation")];
    const { head } = await withLive(given);
    await append(head, [...rowsOf(300, 0, "validation"), ...rowsOf(300, MANY, "train")]);
    expect((await trained(head, { recipe: "update" })).recipe.base).toBeUndefined();
  });

  it("begins from scratch if every fold is held out in turn", async () => {
    const { head } = await withLive(rowsOf(60));
    await append(head, rowsOf(2, 60));
    expect((await trained(head, { recipe: "update" })).recipe.base).toBeUndefined();
  });

  it("refuses options that it takes from the live version", async () => {
    const { head } = await withLive(rowsOf(40));
    const answer = await head.rpc.startJob({ id: "job_x", recipe: "update", seed: 1, options: { l2: 1 } });
    expect(answer).toMatchObject({
      ok: false,
      fault: { code: "invalid_request", errors: [{ pointer: "/options/l2" }] },
    });
  });
});
