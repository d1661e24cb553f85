// Which versions belong to an older backbone revision, as runs of numbers.
import { describe, expect, it } from "vitest";
import { revisionOfVersion, withOlderVersion, withOlderVersions } from "../../src/lifecycle/revisions.ts";

describe("the runs of older versions", () => {
  it("include all versions that existed when the newest revision was introduced, and no later ones", () => {
    const runs = withOlderVersions([], 4, "first");
    expect(runs).toEqual([{ first: 1, last: 4, revision: "first" }]);
    expect([1, 4, 5].map((version) => revisionOfVersion(runs, version))).toEqual(["first", "first", null]);
    expect(withOlderVersions([], 0, "first")).toEqual([]);
  });

  it("keep the revision of a version through further changes", () => {
    const once = withOlderVersions([], 2, "first");
    const twice = withOlderVersions(withOlderVersion(once, 4, "first"), 5, "second");
    expect([1, 2, 3, 4, 5, 6].map((version) => revisionOfVersion(twice, version))).toEqual([
      ...["first", "first", "second", "first", "second", null],
    ]);
  });

  it("are extended by the next version, and a new run begins after a gap or with another revision", () => {
    const runs = withOlderVersion(withOlderVersion([], 1, "first"), 2, "first");
    expect(runs).toEqual([{ first: 1, last: 2, revision: "first" }]);
    expect(withOlderVersion(runs, 4, "first")).toHaveLength(2);
    expect(withOlderVersion(runs, 3, "second")).toHaveLength(2);
  });
});
