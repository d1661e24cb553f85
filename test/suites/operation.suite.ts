// Requirements of every operation of the graph runtime.
import { describe, expect, it } from "vitest";
import type { OperationName } from "../../src/contract/bundle/operations.ts";
import { WORK } from "../../src/core/work.ts";
import type { Shape } from "../../src/graph/extent.ts";
import { operationNamed } from "../../src/graph/operations/registry.ts";
import { aloneIn, type Case, nodeOf, runOperation } from "../support/run-operation.ts";

export interface OperationSample<Name extends OperationName = OperationName> extends Case<Name> {
  readonly title: string;
  readonly shape: Shape;
  /** The output in float64, by plain loops. */
  readonly expected: () => readonly number[];
  /** The largest error, as a share of the largest number. */
  readonly tolerance: number;
}

/** An operation that cannot run, and a part of what is said about it. */
export interface Refusal<Name extends OperationName = OperationName> extends Case<Name> {
  readonly says: RegExp;
}

export interface OperationSamples<Name extends OperationName> {
  readonly samples: readonly OperationSample<Name>[];
  readonly refusals: readonly Refusal<Name>[];
  /** Takes several steps. */
  readonly large: Case<Name>;
}

export function describeOperation<Name extends OperationName>(name: Name, given: OperationSamples<Name>): void {
  const samples = given.samples as readonly OperationSample[];
  describe(`operation ${name}`, () => {
    it.each(samples)("gives the numbers of plain loops: $title", (sample) => {
      const { shape, output } = runOperation(sample);
      expect(shape).toEqual(sample.shape);
      expect(worstError(output, sample.expected())).toBeLessThan(sample.tolerance);
    });

    it.each(samples)("writes only its output and scratch: $title", (sample) => {
      expect(runOperation(sample).strayBytes).toBe(0);
    });

    it.each(samples)("gives every input the same bits alone as in the batch: $title", (sample) => {
      const alone = Array.from({ length: sample.batch }, (_, at) => [...runOperation(aloneIn(sample, at)).output]);
      expect(alone.flat()).toEqual([...runOperation(sample).output]);
    });

    it("counts its work: in short steps, which together are its cost", () => {
      const { steps, cost } = runOperation(given.large as Case);
      expect(steps.length).toBeGreaterThan(1);
      for (const work of steps) expect(work).toBeLessThan(1.5 * WORK.perGraphStep);
      expect(steps.reduce((sum, work) => sum + work, 0)).toBeCloseTo(cost, -1);
    });

    it.each(given.refusals as readonly Refusal[])("refuses what does not fit: $says", (refusal) => {
      const weights = Object.entries(refusal.weights).map(
        ([role, { format, shape }]): [string, { format: typeof format; shape: typeof shape; address: number }] => [
          role,
          { format, shape, address: 64 },
        ],
      );
      expect(() => operationNamed(refusal.op).shape(nodeOf(refusal, weights))).toThrow(refusal.says);
    });
  });
}

function worstError(actual: Float32Array, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const most = Math.max(...expected.map(Math.abs), 1e-30);
  return Math.max(...expected.map((value, at) => Math.abs((actual[at] as number) - value))) / most;
}
