// Which first version goes live automatically: one that is better than a constant answer, or with too few examples for a
// comparison.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadView } from "../../src/contract/heads.ts";
import type { JobEvent } from "../../src/contract/jobs.ts";
import type { NewPolicy } from "../../src/contract/policy.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { seededRandom } from "../support/random.ts";
import { corners, makeHead, makeTenant, must, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("first")).key;
});

const random = seededRandom(3);
const vector = () => [random.normal(), random.normal()];
type Task = "classification" | "multilabel" | "regression";
/** By task, rows with random targets, and below, rows whose targets follow from the input. */
const TOSSED: Readonly<Record<Task, () => object>> = {
  classification: () => ({ features: vector(), label: random.next() < 0.5 ? "a" : "b" }),
  multilabel: () => ({ features: vector(), labels: ["a", "b"].filter(() => random.next() < 0.5) }),
  regression: () => ({ features: vector(), value: random.normal() }),
};
const LEARNT: Readonly<Record<Task, () => object>> = {
  classification: () => clear((x) => ({ label: x > 0 ? "a" : "b" })),
  multilabel: () => clear((x, y) => ({ labels: [...(x > 0 ? ["a"] : []), ...(y > 0 ? ["b"] : [])] })),
  regression: () => clear((x, y) => ({ value: x - 2 * y })),
};

function clear(target: (x: number, y: number) => object): object {
  const [x, y] = vector().map((value) => value + Math.sign(value)) as [number, number];
  return { features: [x, y], ...target(x, y) };
}

const withIds = (rows: readonly object[]) => rows.map((row, i) => ({ id: `r${i}`, ...row }));

async function trained(head: string, task: Task, rows: readonly object[], policy?: NewPolicy, promote?: "always") {
  await makeHead(key, head, { task });
  if (policy) await must("PUT", `/v1/heads/${head}/policy`, { key, body: policy });
  await upload(key, head, withIds(rows));
  const job = await train(key, head, promote ? { promote } : {});
  const { live } = await must<HeadView>("GET", `/v1/heads/${head}`, { key });
  const version = await must<VersionView>("GET", `/v1/heads/${head}/versions/1`, { key });
  const { data } = await must<{ data: JobEvent[] }>("GET", `/v1/heads/${head}/jobs/${job.id}/events`, { key });
  const texts = data.filter(({ type }) => type === "message").map(({ data: { text } }) => String(text));
  return { live, promotion: version.promotion, told: texts.join("\n") };
}

const METRICS = ["log_loss", "accuracy", "macro_f1"] as const;
const CASES = (["classification", "multilabel"] as const).flatMap((task) =>
  METRICS.map((metric) => [task, metric] as const),
);

describe.each([...CASES, ["regression", "log_loss"] as const])("the first version of a %s, by %s", (task, metric) => {
  it("does not go live with if_better if targets are random, and gives the reason", async () => {
    const rows = Array.from({ length: 80 }, TOSSED[task]);
    const { live, promotion, told } = await trained(`tossed-${task}-${metric.replace("_", "-")}`, task, rows, {
      metric,
    });
    expect(live).toBeNull();
    expect(promotion).toMatchObject({ promoted: false, unproven: false });
    expect(promotion?.reason).toMatch(/^not better than the baseline: /);
    const isBootstrap = metric === "macro_f1" || (metric === "accuracy" && task === "classification");
    expect(promotion?.reason).toContain(`(95 % interval, ${isBootstrap ? "bootstrap" : "normal approximation"})`);
    expect(told).toContain(`version 1 is not live: ${promotion?.reason}`);
  });

  it("goes live if targets follow from the input", async () => {
    const rows = Array.from({ length: 80 }, LEARNT[task]);
    const { live, promotion } = await trained(`learnt-${task}-${metric.replace("_", "-")}`, task, rows, { metric });
    expect(promotion).toMatchObject({ promoted: true, unproven: false });
    expect(live).toBe(1);
  });
});

it("the first version goes live if the job says always, however bad the version is", async () => {
  const rows = Array.from({ length: 80 }, TOSSED.classification);
  const { live, promotion } = await trained("always", "classification", rows, {}, "always");
  expect([live, promotion?.promoted]).toEqual([1, true]);
});

it("the first version goes live as unproven if fewer than 30 examples were held out", async () => {
  const { live, promotion, told } = await trained("few", "classification", corners(10));
  expect(live).toBe(1);
  expect(promotion).toMatchObject({ promoted: true, unproven: true });
  expect(told).toContain("unproven: 20 examples were held out");
});

it("the first version does not go live below the policy's min_metric, whether it is unproven or not", async () => {
  const rows = Array.from({ length: 24 }, TOSSED.classification);
  const policy = { metric: "accuracy", min_metric: 0.95 } as const;
  const { live, promotion } = await trained("floor", "classification", rows, policy);
  expect(live).toBeNull();
  expect(promotion?.reason).toContain("the policy asks for at least 0.95 (min_metric)");
});
