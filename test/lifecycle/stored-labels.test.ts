// Which stored label an incoming one belongs to, and which stored ones are equal.
import { describe, expect, it } from "vitest";
import { normalLabel } from "../../src/core/labels.ts";
import { labelCollisions, storedLabelFinder, withStoredLabels } from "../../src/lifecycle/stored-labels.ts";

const DECOMPOSED = "cafe\u0301";
const COMPOSED = "caf\u00e9";

describe("the normal form of a label", () => {
  it.each([
    ["plain", "plain"],
    ["two words", "two words"],
    ["  padded\t", "padded"],
    ["\u00a0no-break\u3000", "no-break"],
    [DECOMPOSED, COMPOSED],
    [` ${DECOMPOSED}\n`, COMPOSED],
    ["\u1100\u1161", "\uac00"],
    ["\u212b", "\u00c5"],
    ["   ", ""],
  ])("changes %j to %j, and does not change that any further", (given, expected) => {
    expect(normalLabel(given)).toBe(expected);
    expect(normalLabel(expected)).toBe(expected);
  });

  it("keeps upper case, and spaces between words", () => {
    expect(normalLabel("Over  Due")).toBe("Over  Due");
  });
});

describe("an incoming label", () => {
  it("belongs to the stored label with the same spelling rather than to one with the same normal form", () => {
    const find = storedLabelFinder([" x", "x"]);
    expect(find("x")).toBe("x");
    expect(find(" x")).toBe(" x");
  });

  it("belongs to the first stored label with its normal form if none has its spelling", () => {
    const find = storedLabelFinder([" x", "x ", DECOMPOSED]);
    expect(find("x")).toBe(" x");
    expect(find(COMPOSED)).toBe(DECOMPOSED);
    expect(find("y")).toBe("y");
  });

  it("occurs once in a set, in code-unit order, whatever its stored spelling", () => {
    const find = storedLabelFinder([" z"]);
    expect(withStoredLabels({ labels: ["a", "z"] }, find)).toEqual({ labels: [" z", "a"] });
    expect(withStoredLabels({ labels: [" z", "z"] }, find)).toEqual({ labels: [" z"] });
    expect(withStoredLabels({ value: 1 }, find)).toEqual({ value: 1 });
  });
});

describe("the collisions of labels", () => {
  it("contain every group of stored labels with the same normal form", () => {
    expect(labelCollisions(["b", COMPOSED, " b", "a", DECOMPOSED, "b\t"])).toEqual([
      [" b", "b", "b\t"],
      [DECOMPOSED, COMPOSED],
    ]);
    expect(labelCollisions(["a", "b"])).toEqual([]);
  });
});
