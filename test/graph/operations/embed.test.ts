// embed: rows of tables in every format.
import { decodeWeight, encodeWeight } from "../../../src/compile/bundle/weight-formats.ts";
import { floats } from "../../../src/compile/tensor.ts";
import type { WeightFormat } from "../../../src/contract/bundle/bundle.ts";
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { rowsIn } from "../../support/plain-operations.ts";
import { integers, normals, seededRandom } from "../../support/random.ts";
import type { Case, GivenWeight } from "../../support/run-operation.ts";

const LENGTHS = [3, 1, 6];
const [TOKENS, PLACES, FIRST] = [50, 9, 2];

const table = (format: WeightFormat, rows: number, width: number): GivenWeight => ({
  format,
  shape: [rows, width],
  values: normals(seededRandom(rows + width), rows * width),
});

function caseOf(formats: readonly [WeightFormat, WeightFormat], width: number, lengths = LENGTHS): Case<"embed"> {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return {
    op: "embed",
    attributes: { firstPosition: FIRST },
    batch: lengths.length,
    lengths,
    inputs: [{ shape: ["batch", "tokens"], values: integers(seededRandom(1), tokens, TOKENS) }],
    weights: {
      table: table(formats[0], TOKENS, width),
      positions: table(formats[1], Math.max(PLACES, ...lengths) + FIRST, width),
    },
  };
}

/** The rows that a table really holds. */
function stored({ format, shape, values }: GivenWeight): number[][] {
  const decoded = decodeWeight(format, encodeWeight(format, floats(shape, values)), shape);
  return rowsIn(decoded.data, shape[1] as number);
}

function sampleOf(formats: readonly [WeightFormat, WeightFormat], width: number): OperationSample<"embed"> {
  const given = caseOf(formats, width);
  const expected = () => {
    const [rows, places] = [stored(given.weights.table as GivenWeight), stored(given.weights.positions as GivenWeight)];
    const positions = LENGTHS.flatMap((length) => Array.from({ length }, (_, place) => place + FIRST));
    return [...(given.inputs[0]?.values ?? [])].flatMap((id, token) =>
      (rows[id] as number[]).map((value, at) => value + (places[positions[token] as number]?.[at] as number)),
    );
  };
  return {
    ...given,
    title: `${formats.join(" and ")}, ${width}`,
    tolerance: 1e-7,
    shape: ["batch", "tokens", width],
    expected,
  };
}

const REFUSED = caseOf(["f32-rows", "f32-rows"], 8);

describeOperation("embed", {
  samples: [
    sampleOf(["f32-rows", "f16-rows"], 4),
    sampleOf(["f16-rows", "f32-rows"], 36),
    sampleOf(["int8-rows", "int8-rows"], 12),
    sampleOf(["int4-rows", "f16-rows"], 32),
    sampleOf(["int4-rows", "int4-rows"], 96),
  ],
  refusals: [
    { ...REFUSED, weights: { ...REFUSED.weights, positions: table("f32-rows", 9, 12) }, says: /differ in width/ },
    { ...REFUSED, inputs: [{ shape: ["batch", 8], values: new Float32Array(8) }], says: /is not ids/ },
  ],
  large: caseOf(["int4-rows", "f16-rows"], 1_024, [600, 500]),
});
