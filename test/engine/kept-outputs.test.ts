// What is kept of a model's outputs: computed once as long as the same model is asked about a block, and never another's.
import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { KeptOutputs } from "../../src/engine/kept-outputs.ts";

const [first, second] = [new Float32Array(1), new Float32Array(1)];
const block = (index: number) => ({ part: 0, index, first: 0, rows: 1 });

let kept: KeptOutputs;
let computed: number;

/** The first output of `parameters` for a block; of each computation another one. */
const asked = (index: number, parameters: Float32Array, length = 1): number =>
  kept.with(
    block(index),
    parameters,
    () => new Float32Array(length).fill(++computed),
    (outputs) => outputs[0] as number,
  );

beforeEach(() => {
  kept = new KeptOutputs();
  computed = 0;
});

describe("the outputs of a block", () => {
  it("are computed once for a model that is asked again", () => {
    expect([asked(0, first), asked(0, first), asked(0, first)]).toEqual([1, 1, 1]);
  });

  it("are each model's own, though its parameters are equal", () => {
    expect([asked(0, first), asked(0, second), asked(0, second), asked(0, first)]).toEqual([1, 2, 2, 3]);
  });

  it("are each block's own", () => {
    expect([asked(0, first), asked(1, first), asked(0, first), asked(1, first)]).toEqual([1, 2, 1, 2]);
  });

  it("are computed again where there is no room for them, and make room when another model is asked", () => {
    const most = LIMITS.keptOutputBytes / 4;
    expect([asked(0, first, most), asked(1, first), asked(1, first), asked(0, first)]).toEqual([1, 2, 3, 1]);
    expect([asked(0, second), asked(1, first), asked(1, first)]).toEqual([4, 5, 5]);
  });

  it("are computed again once all are let go", () => {
    asked(0, first);
    kept.clear();
    expect(asked(0, first)).toBe(2);
  });
});

it("leaves nothing behind of outputs without room, and of those whose model has gone", () => {
  const seen: Float32Array[] = [];
  const use = (parameters: Float32Array, length: number): void =>
    kept.with(
      block(0),
      parameters,
      () => new Float32Array(length),
      (outputs) => void seen.push(outputs),
    );
  use(first, 1 + LIMITS.keptOutputBytes / 4);
  use(first, 1);
  use(second, 1);
  expect(seen.map(({ byteLength }) => byteLength)).toEqual([0, 0, 4]);
});
