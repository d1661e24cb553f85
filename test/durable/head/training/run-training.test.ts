// Training inside a head's object: the rows decide the version, and rows that cannot be trained on are refused.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { isTerminal, type JobView } from "../../../../src/contract/jobs.ts";
import type { JobRequestBody } from "../../../../src/contract/rpc.ts";
import type { VersionView } from "../../../../src/contract/versions.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { valueIn } from "../../../support/json-text.ts";
import { append, makeHead, type TestHead, type TestRow } from "../../../support/objects.ts";

const REQUEST: JobRequestBody = { id: "job_1", recipe: "auto", seed: 1, options: {} };

/** Runs alarms until the job has ended. */
async function ended({ name, rpc }: TestHead, id = "job_1"): Promise<JobView> {
  for (;;) {
    const job = unwrap(await rpc.getJob(id));
    if (isTerminal(job.status)) return job;
    if (!(await runDurableObjectAlarm(env.HEADS.getByName(name)))) await scheduler.wait(10);
  }
}

/** The version trained on `rows`, or the code of the refusal, at the start or at the end. */
async function trained(head: TestHead, rows: readonly TestRow[]): Promise<VersionView | string | undefined> {
  await append(head, rows);
  const started = await head.rpc.startJob(REQUEST);
  if (!started.ok) return started.fault.code;
  const job = await ended(head);
  return job.status === "succeeded" ? valueIn(await head.rpc.getVersion(1)) : job.error?.code;
}

const rowsOf = (count: number, split: (i: number) => TestRow["split"] = () => undefined): TestRow[] =>
  Array.from(
    { length: count },
    (_, i) => ({ id: `row ${i}`, label: i % 2 ? "odd" : "even", split: split(i) }) as TestRow,
  );

describe("a job", () => {
  it("makes version 1, which goes live", async () => {
    const head = await makeHead();
    expect(await trained(head, rowsOf(20))).toMatchObject({ version: 1, live: true, job: "job_1", seed: 1 });
    expect(unwrap(await head.rpc.describe()).live).toBe(1);
  });

  it("makes the same version, with the same digest, for any order of the examples", async () => {
    const rows = rowsOf(200);
    const [one, other] = [await makeHead(), await makeHead()];
    await append(
      other,
      rowsOf(60).map((row) => ({ ...row, id: `gone ${row.id}` })),
    );
    for (const row of rowsOf(60)) unwrap(await other.rpc.deleteExample(`gone ${row.id}`));
    await append(other, rows.slice(150).reverse());
    const versions = [await trained(one, rows), await trained(other, [...rows].reverse())] as VersionView[];
    expect(versions[0]?.digest).toMatch(/^sha256:/);
    expect(versions[1]?.digest).toBe(versions[0]?.digest);
  });

  it("is refused while another is open, and accepted once that has ended", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    unwrap(await head.rpc.startJob(REQUEST));
    const second = await head.rpc.startJob({ ...REQUEST, id: "job_2" });
    expect(second).toMatchObject({ ok: false, fault: { code: "job_running", extensions: { job: "job_1" } } });
    await ended(head);
    expect(await head.rpc.startJob({ ...REQUEST, id: "job_2" })).toMatchObject({ ok: true });
    await ended(head, "job_2");
  });

  it("stays cancelled after its cancellation, and leaves no version", async () => {
    const head = await makeHead();
    await append(head, rowsOf(20));
    unwrap(await head.rpc.startJob(REQUEST));
    const answer = await head.rpc.cancelJob("job_1");
    if (answer.ok) {
      expect(answer.value.status).toBe("cancelled");
      await runDurableObjectAlarm(env.HEADS.getByName(head.name));
      expect(unwrap(await head.rpc.getJob("job_1")).status).toBe("cancelled");
      expect(valueIn(await head.rpc.listVersions({})).data).toEqual([]);
    } else expect(answer.fault.code).toBe("job_ended"); // the alarm was faster
    expect(await head.rpc.cancelJob("job_1")).toMatchObject({ ok: false, fault: { code: "job_ended" } });
  });
});

describe("rows that cannot train a head", () => {
  it("are refused if they have one label, or one input of a label", async () => {
    const one = await trained(await makeHead(), [
      { id: "1", label: "a" },
      { id: "2", label: "a" },
    ]);
    const two = await trained(await makeHead(), [...rowsOf(10), { id: "x", label: "alone" }]);
    expect([one, two]).toEqual(["not_enough_examples", "not_enough_examples"]);
  });

  it("are all counted in the refusal", async () => {
    const head = await makeHead();
    await append(
      head,
      Array.from({ length: 7 }, (_, i) => ({ id: `row ${i}`, label: "only" })),
    );
    const started = await head.rpc.startJob(REQUEST);
    expect(started).toMatchObject({ ok: false, fault: { extensions: { labels: [{ label: "only", inputs: 7 }] } } });
  });

  it("are refused if all are kept for test", async () => {
    expect(
      await trained(
        await makeHead(),
        rowsOf(20, () => "test"),
      ),
    ).toBe("not_enough_examples");
  });

  // Such rows once counted as trainable and gave a version fitted on no rows: every strength scored ln 2, and the metrics were
  // those of a head of zeros (accuracy 0.5, temperature 1).
  it("are refused if all are kept for validation", async () => {
    expect(
      await trained(
        await makeHead(),
        rowsOf(20, () => "validation"),
      ),
    ).toBe("not_enough_examples");
  });

  // One input per label has no split: such a lone input cannot be held out, and the others were given to training. Nothing was
  // validated, so the version had accuracy NaN and log_loss NaN, which JSON writes as null.
  it("are taken from the split train for validation if too few have no split", async () => {
    const version = await trained(
      await makeHead(),
      rowsOf(20, (i) => (i < 2 ? undefined : "train")),
    );
    expect(version).toMatchObject({ metrics: { validation: { accuracy: expect.any(Number) } } });
    expect((version as VersionView).metrics.validation.examples).toBeGreaterThan(0);
  });

  // The split applies to whole inputs. Counted by rows, an input with an example kept for test looked trainable, and the
  // version was trained on nothing.
  it("are refused if each input has an example that is kept for test", async () => {
    const rows = ["x", "y"].flatMap((input): TestRow[] => [
      { id: `${input}1`, label: "a", input },
      { id: `${input}2`, label: "b", input },
      { id: `${input}3`, label: "a", input, split: "test" },
    ]);
    expect(await trained(await makeHead(), rows)).toBe("not_enough_examples");
  });
});
