// Which version answers which caller: shares are kept, callers stay with a version, and every change can be rolled back.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { hash32 } from "../../src/core/hash.ts";
import { primaryOf, promote, rollback, type Traffic, versionFor, withSplit } from "../../src/lifecycle/traffic.ts";

const split = [
  { version: 3, weight: 90 },
  { version: 4, weight: 10 },
];
const callers = Array.from({ length: 20_000 }, (_, i) => hash32(utf8(`caller ${i}`)));

describe("a split", () => {
  it("gives each version its share of callers", () => {
    const fourth = callers.filter((stick) => versionFor({ split }, stick) === 4).length;
    expect(fourth / callers.length).toBeCloseTo(0.1, 2);
  });

  it("moves a caller only to the version whose share grows", () => {
    const wider = [
      { version: 3, weight: 50 },
      { version: 4, weight: 50 },
    ];
    const backwards = callers.filter(
      (stick) => versionFor({ split }, stick) === 4 && versionFor({ split: wider }, stick) === 3,
    );
    expect(backwards).toEqual([]);
  });

  it("gives a version to every hash of a caller", () => {
    for (const stick of [0, 2 ** 31, 2 ** 32 - 1]) expect([3, 4]).toContain(versionFor({ split }, stick));
  });

  it("is represented by its heaviest version, or by the newer one if weights are equal", () => {
    expect(primaryOf({ split })).toBe(3);
    expect(
      primaryOf({
        split: [
          { version: 1, weight: 5 },
          { version: 2, weight: 5 },
        ],
      }),
    ).toBe(2);
  });
});

describe("a rollback", () => {
  const first = promote(null, 1);
  const second = promote(first, 2);

  it("restores what was live before, step by step, until there is nothing before", () => {
    const canary = withSplit(second, split, null);
    expect(rollback(canary).split).toEqual(second.split);
    expect(rollback(rollback(canary)).split).toEqual(first.split);
    expect(() => rollback(first)).toThrow(/Nothing was live before version 1/);
  });

  it("does not need an extra step after a promotion of the version that is already live alone", () => {
    expect(rollback(promote(second, 2)).split).toEqual(first.split);
  });

  it("never makes a version both live and shadow", () => {
    const shadowed: Traffic = withSplit(second, second.split, 1);
    expect(rollback(shadowed).shadow).toBeNull();
    expect(promote(shadowed, 1).shadow).toBeNull();
    expect(promote(shadowed, 3).shadow).toBe(1);
  });
});
