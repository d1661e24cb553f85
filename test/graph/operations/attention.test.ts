// attention: within each sequence of a ragged batch.
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { attended, rowsIn } from "../../support/plain-operations.ts";
import { normals, seededRandom } from "../../support/random.ts";
import type { Case, GivenInput } from "../../support/run-operation.ts";

const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

function caseOf(lengths: readonly number[], heads: number, width: number, size = 1): Case<"attention"> {
  const random = seededRandom(total(lengths) * heads + width);
  const input = (): GivenInput => ({
    shape: ["batch", "tokens", width],
    values: normals(random, total(lengths) * width, size),
  });
  return {
    op: "attention",
    attributes: { heads, scale: 1 / Math.sqrt(width / heads) },
    batch: lengths.length,
    lengths,
    inputs: [input(), input(), input()],
    weights: {},
  };
}

function expectedOf({ attributes: { heads, scale }, lengths, inputs }: Case<"attention">): number[] {
  const width = inputs[0]?.shape[2] as number;
  const [queries = [], keys = [], values = []] = inputs.map((input) => rowsIn(input.values, width));
  const result: number[] = [];
  let from = 0;
  for (const length of lengths) {
    const head = (rows: number[][], at: number): number[][] =>
      rows.slice(from, from + length).map((row) => row.slice((at * width) / heads, ((at + 1) * width) / heads));
    const parts = Array.from({ length: heads }, (_, at) =>
      attended(head(queries, at), head(keys, at), head(values, at), scale),
    );
    for (let row = 0; row < length; row++) result.push(...parts.flatMap((part) => part[row] as number[]));
    from += length;
  }
  return result;
}

function sampleOf(lengths: readonly number[], heads: number, width: number, size = 1): OperationSample<"attention"> {
  const given = caseOf(lengths, heads, width, size);
  const title = `sequences of ${lengths.join(", ")} tokens, ${heads} heads, width ${width}, numbers of size ${size}`;
  return { ...given, title, tolerance: 3e-6, shape: ["batch", "tokens", width], expected: () => expectedOf(given) };
}

const REFUSED = caseOf([2], 2, 8);
const ids: GivenInput = { shape: ["batch", "tokens"], values: new Int32Array(2) };

describeOperation("attention", {
  samples: [
    sampleOf([1], 1, 4),
    sampleOf([5, 1, 9], 3, 36),
    sampleOf([8, 16, 33], 2, 64),
    sampleOf([7, 12], 2, 40),
    sampleOf([6, 3], 2, 16, 30),
  ],
  refusals: [
    { ...REFUSED, attributes: { heads: 3, scale: 1 }, says: /3 heads of 2.66/ },
    { ...REFUSED, inputs: [ids, ids, ids], says: /not \[batch, tokens, width\]/ },
    { ...REFUSED, inputs: [...REFUSED.inputs.slice(0, 2), ids], says: /value and query differ/ },
  ],
  large: caseOf([200, 100], 4, 256),
});
