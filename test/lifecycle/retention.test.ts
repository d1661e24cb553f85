import { describe, expect, it } from "vitest";
import { expiredVersions, useOfVersion, withoutVersion } from "../../src/lifecycle/retention.ts";
import type { Traffic } from "../../src/lifecycle/traffic.ts";

const share = (version: number, weight = 1) => ({ version, weight });
const traffic: Traffic = {
  split: [share(7), share(5)],
  shadow: 4,
  before: [[share(2)], [share(3), share(1)]],
};

describe("the use of a version", () => {
  it("is one of live, shadow, rollback history and none", () => {
    const uses = [7, 5, 4, 3, 2, 1, 6].map((version) => useOfVersion(traffic, version));
    expect(uses).toEqual(["live", "live", "shadow", "rollback", "rollback", "rollback", null]);
    expect(useOfVersion(null, 1)).toBeNull();
  });
});

describe("expired versions", () => {
  it("are those older than the newest ones kept, except versions in use", () => {
    expect(expiredVersions([9, 8, 7, 6, 5, 4, 3, 2, 1], 1, traffic)).toEqual([8, 6]);
    expect(expiredVersions([9, 8, 7], 3, null)).toEqual([]);
    expect(expiredVersions([9, 8, 7], 2, null)).toEqual([7]);
  });
});

describe("traffic without a version", () => {
  it("contains no earlier split with that version", () => {
    expect(withoutVersion(traffic, 1).before).toEqual([[share(2)]]);
    expect(withoutVersion(traffic, 6)).toEqual(traffic);
  });
});
