// Deleting a version: an alarm deletes its content in small parts.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { isTerminal } from "../../../../src/contract/jobs.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { emptyTally } from "../../../../src/serving/tallies.ts";
import { append, inObject, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";
import { until } from "../../../support/until.ts";

const rows = Array.from({ length: 20 }, (_, i): TestRow => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even" }));

async function train({ name, rpc }: TestHead, id: string): Promise<void> {
  unwrap(
    await rpc.startJob({ id, recipe: "linear", seed: 1, options: {}, promote: id === "job_1" ? "always" : "never" }),
  );
  while (!isTerminal(unwrap(await rpc.getJob(id)).status))
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(name)))) await scheduler.wait(10);
}

const contentOf = ({ name }: TestHead, version: number): Promise<number> =>
  inObject(name, ({ sql }) => {
    const query = "SELECT count(*) AS n FROM chunks WHERE owner GLOB ?";
    return sql.exec<{ n: number }>(query, `version/${version}/*`).one().n;
  });

it("the content of a version is deleted if a caller deletes the version", async () => {
  const head = await makeHead();
  await append(head, rows);
  await train(head, "job_1");
  await train(head, "job_2");
  unwrap(await head.rpc.deleteVersion(2));
  await until(async () => {
    await runDurableObjectAlarm(env.HEADS.getByName(head.name));
    return (await contentOf(head, 2)) === 0;
  });
  expect(await contentOf(head, 1)).toBeGreaterThan(0);
});

it("the counts of a deleted version stay deleted if its last report arrives late", async () => {
  const head = await makeHead();
  await append(head, rows);
  await train(head, "job_1");
  await train(head, "job_2");
  unwrap(await head.rpc.deleteVersion(2));
  const tallies = [1, 2].map((version) => ({ ...emptyTally(version), requests: 1, predictions: 1 }));
  unwrap(await head.rpc.report({ tallies, captures: [], logged: [] }));
  const { versions, hours } = unwrap(await head.rpc.stats());
  expect([...versions, ...hours].map(({ version }) => version)).toEqual([1, 1]);
});
