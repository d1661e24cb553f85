// Which versions are of an older revision of the backbone, as runs of numbers.
import { describe, expect, it } from "vitest";
import { revisionOfVersion, withOlderVersion, withOlderVersions } from "../../src/lifecycle/revisions.ts";

describe("runs of older versions", () => {
  it("hold all that were there when the newest revision changed, and none that come after", () => {
    const runs = withOlderVersions([], 4, "first");
    expect(runs).toEqual([{ first: 1, last: 4, revision: "first" }]);
    expect([1, 4, 5].map((version) => revisionOfVersion(runs, version))).toEqual(["first", "first", null]);
    expect(withOlderVersions([], 0, "first")).toEqual([]);
  });

  it("keep what a version was of through further changes", () => {
    const once = withOlderVersions([], 2, "first");
    const twice = withOlderVersions(withOlderVersion(once, 4, "first"), 5, "second");
    expect([1, 2, 3, 4, 5, 6].map((version) => revisionOfVersion(twice, version))).toEqual([
      ...["first", "first", "second", "first", "second", null],
    ]);
  });

  it("grow by one that follows, and begin anew after a gap or with another revision", () => {
    const runs = withOlderVersion(withOlderVersion([], 1, "first"), 2, "first");
    expect(runs).toEqual([{ first: 1, last: 2, revision: "first" }]);
    expect(withOlderVersion(runs, 4, "first")).toHaveLength(2);
    expect(withOlderVersion(runs, 3, "second")).toHaveLength(2);
  });
});
