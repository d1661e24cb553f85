// Requirements of every task, in all layers: the engine's kind, serving's, and the contract's rules must agree.
import { describe, expect, it } from "vitest";
import type { Metrics } from "../../src/contract/metrics.ts";
import { predictions } from "../../src/contract/predict.ts";
import { learnsLabels, leastLabels, type Task } from "../../src/contract/tasks.ts";
import { decodeRecord, encodeRecord } from "../../src/core/record.ts";
import type { JudgedRows } from "../../src/engine/metrics/judged-rows.ts";
import { startRecalibration } from "../../src/engine/metrics/recalibration.ts";
import { emptyScoreSums } from "../../src/engine/metrics/score.ts";
import type { TaskKind } from "../../src/engine/tasks/kind.ts";
import type { Judged } from "../../src/engine/tasks/registry.ts";
import type { ServedTask } from "../../src/serving/tasks/kind.ts";
import { labelNames } from "../support/blocks.ts";
import { normals, seededRandom } from "../support/random.ts";

const ROWS = 40;
/** Rows of the first of two blocks. */
const FIRST = 24;
const SCALER = { target: { mean: 3, deviation: 2 } };
/** The function that turns outputs into scores, by loss. */
const ACTIVATIONS = { softmax: "softmax", sigmoid: "sigmoid", squared: null } as const;

export function describeTask(task: Task, kind: TaskKind<Judged, Metrics>, served: ServedTask): void {
  const labels = learnsLabels(task) ? 3 : 0;
  const names = labelNames(labels);
  const outputs = Float32Array.from(normals(seededRandom(5), ROWS * Math.max(1, labels)));
  const { judging, score, targets: rules, curvature } = kind;

  const targetsOf = (from: number, end: number) =>
    rules.encode({
      rows: end - from,
      labels,
      labelsOf: (row) => [(7 * (from + row)) % labels],
      numberOf: (row) => Math.sin(from + row),
    });

  function rowsOf(from: number, end: number): JudgedRows {
    const width = outputs.length / ROWS;
    return {
      rows: end - from,
      outputs: outputs.slice(from * width, end * width),
      targets: targetsOf(from, end),
      beta: 1,
    };
  }

  /** The sums after all rounds over the held-out rows. */
  function measured(): Judged {
    let judged = judging.empty(labels, null);
    for (let round = 1; ; round++) {
      judging.measure(judged, rowsOf(0, ROWS), () => undefined);
      const after = judging.measured(judged);
      judged = after.judged;
      if (after.phase === "recalibrate") judged = { ...judged, recalibration: startRecalibration(labels) } as Judged;
      else if (after.phase !== "measure") return judged;
      expect(round).toBeLessThan(4);
    }
  }

  describe(`the task ${task}`, () => {
    it("has the same meaning in the contract, the engine and serving", () => {
      expect(rules.labels !== null).toBe(learnsLabels(task));
      expect(served.activation).toBe(ACTIVATIONS[kind.loss]);
      expect(served.activation !== null).toBe(learnsLabels(task));
      expect(leastLabels(task) > 0).toBe(learnsLabels(task));
      expect(judging.thresholdsOf(measured()) !== null).toBe(served.hasThresholds);
    });

    it("reads stored targets as it has encoded them", () => {
      const targets = targetsOf(0, ROWS);
      expect(rules.stored(targets.slice().buffer)).toEqual(targets);
    });

    it("gives rarer labels more weight if labels are balanced", () => {
      const counts = new Float64Array(labels);
      rules.labels?.count(counts, targetsOf(0, ROWS), ROWS);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(learnsLabels(task) ? ROWS : 0);
      const weights = [2, 20].map((count) => rules.labels?.balancedWeight(count, ROWS, labels) ?? 0);
      expect(weights[0]).toBeGreaterThanOrEqual(weights[1] as number);
    });

    it("has a curvature that decreases during a fit, or that is constant", () => {
      expect(curvature.atStart(labels)).toBeGreaterThan(0);
      expect(curvature.left).toBeLessThanOrEqual(1);
      expect(curvature.firstStep).toBeLessThanOrEqual(1);
      if (curvature.isConstant) expect(curvature.left).toBe(1);
    });

    it("scores two blocks as it scores one block of the same rows", () => {
      const add = (sums: ReturnType<typeof emptyScoreSums>, rows: JudgedRows) =>
        score.add(sums, rows.outputs as Float32Array, rows.targets, rows.rows);
      const whole = add(emptyScoreSums(Math.max(1, labels)), rowsOf(0, ROWS));
      const halves = add(add(emptyScoreSums(Math.max(1, labels)), rowsOf(0, FIRST)), rowsOf(FIRST, ROWS));
      expect(halves).toEqual(whole);
      expect(score.lossOf(whole)).toBeGreaterThan(0);
    });

    it("measures two blocks as it measures one block of the same rows", () => {
      const [whole, halves] = [judging.empty(labels, null), judging.empty(labels, null)];
      judging.add(whole, rowsOf(0, ROWS));
      judging.add(halves, rowsOf(0, FIRST));
      judging.add(halves, rowsOf(FIRST, ROWS));
      expect(halves).toEqual(whole);
    });

    it("has sums that contain its name, and that a checkpoint can store", () => {
      const judged = measured();
      expect(judged.task).toBe(task);
      expect(decodeRecord(encodeRecord(judged))).toEqual(judged);
    });

    it("has metrics over all rows, and evidence for every metric that a policy can name", () => {
      const judged = measured();
      const metrics = judging.metrics(judged, names, SCALER);
      expect(metrics.examples).toBe(ROWS);
      for (const metric of ["log_loss", "accuracy", "macro_f1"] as const) {
        const question = { metric, seed: 1, outOfFold: null, mostFrequent: 0.5 };
        const { examples, baseline } = judging.evidence(judged, metrics, question);
        expect(examples).toBe(ROWS);
        expect(baseline).toBeGreaterThan(0);
      }
      expect(Object.values(judging.curveFigures(metrics)).every(Number.isFinite)).toBe(true);
    });

    it("gives an answer in a form of the contract", () => {
      const head = {
        task,
        kind: "linear",
        labels: names,
        scaler: { mean: new Float32Array(1), inverse: new Float32Array(1), ...SCALER },
        temperature: 1,
        thresholds: null,
        conformal: null,
      } as const;
      const answer = served.answer(head, outputs.subarray(0, Math.max(1, labels)), {});
      const all = { head: "one", version: 1, predictions: [answer] };
      expect(predictions().parse(all)).toEqual(all);
    });
  });
}
