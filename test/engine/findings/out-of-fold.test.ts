// The recorded score of every row, by a model that did not see it.
import { describe, expect, it } from "vitest";
import { emptyOutOfFold, recorder } from "../../../src/engine/findings/out-of-fold.ts";

describe("the record of rows", () => {
  it("has no best label before a row is scored", () => {
    expect([...emptyOutOfFold(2).best]).toEqual([-1, -1]);
  });

  it("stores each row at its position among all folds", () => {
    const record = emptyOutOfFold(4);
    recorder(record, 2)(1, { best: 7, bestScore: 0.75, trueScore: 0.25 });
    expect([...record.best]).toEqual([-1, -1, -1, 7]);
    expect([...record.bestScore]).toEqual([0, 0, 0, 0.75]);
    expect([...record.trueScore]).toEqual([0, 0, 0, 0.25]);
  });

  it("may be absent, and then nothing is recorded", () => {
    expect(() => recorder(null, 0)(0, { best: 0, bestScore: 1, trueScore: 1 })).not.toThrow();
  });
});
