// How an upload changes examples, row by row: counts, rejections, and final writes.
import { describe, expect, it } from "vitest";
import type { NewExample } from "../../src/contract/example-rpc.ts";
import type { Target } from "../../src/contract/targets.ts";
import { type AppendRules, type ExampleState, planAppend } from "../../src/lifecycle/append.ts";

const OPEN: AppendRules = {
  fixedLabels: null,
  knownLabels: new Set<string>(),
  labelLimit: 100,
  findStored: (label) => label,
  examplesNow: 0,
  examplesQuota: 1_000,
};

let position = 0;
const row = (id: string, label: string, more: Partial<NewExample> = {}): NewExample => ({
  index: position++,
  id,
  target: { label },
  digest: `digest of ${id}`,
  content: { form: "feature" },
  ...more,
});

const state = (id: string, label: string, split: ExampleState["split"] = null): [string, ExampleState] => [
  id,
  { digest: `digest of ${id}`, target: { label }, split },
];

/** A row and a state with any target. */
const aimed = (id: string, target: Target): NewExample => row(id, "", { target });
const aimedState = (id: string, target: Target): [string, ExampleState] => [
  id,
  { digest: `digest of ${id}`, target, split: null },
];

const NONE = new Map<string, ExampleState>();
const countsOf = ({ added, updated, unchanged, rejected }: ReturnType<typeof planAppend>) => [
  ...[added, updated, unchanged, rejected.length],
];

describe("the rows of an upload", () => {
  it("are added, updated or unchanged, by comparison with the stored examples", () => {
    const before = new Map([state("same", "a"), state("relabelled", "a"), state("replaced", "a")]);
    const rows = [row("new", "a"), row("same", "a"), row("relabelled", "b"), row("replaced", "a", { digest: "other" })];
    const plan = planAppend(rows, before, OPEN);
    expect(countsOf(plan)).toEqual([1, 2, 1, 0]);
    expect([...plan.writes.keys()]).toEqual(["new", "relabelled", "replaced"]);
  });

  it("are each counted by their own effect if they share an id, and the last is stored", () => {
    const plan = planAppend([row("x", "a"), row("x", "b"), row("x", "b"), row("x", "a")], NONE, OPEN);
    expect(countsOf(plan)).toEqual([1, 2, 1, 0]);
    expect(plan.writes.get("x")?.target).toEqual({ label: "a" });
  });

  it("write the stored state if they change an example and change it back", () => {
    const plan = planAppend([row("x", "b"), row("x", "a")], new Map([state("x", "a")]), OPEN);
    expect(plan.writes.get("x")?.target).toEqual({ label: "a" });
  });

  it("do not affect an earlier row with the same id if they are rejected", () => {
    const rules = { ...OPEN, fixedLabels: new Set(["a"]) };
    const plan = planAppend([row("x", "a"), row("x", "wrong")], NONE, rules);
    expect(plan.writes.get("x")?.target).toEqual({ label: "a" });
    expect(countsOf(plan)).toEqual([1, 0, 0, 1]);
  });

  it("may be none, and then nothing is planned", () => {
    expect(planAppend([], NONE, OPEN)).toMatchObject({ added: 0, updated: 0, unchanged: 0, rejected: [] });
  });
});

describe("a split", () => {
  it("stays the same if a row omits it", () => {
    const plan = planAppend([row("x", "b")], new Map([state("x", "a", "test")]), OPEN);
    expect(plan.writes.get("x")?.split).toBe("test");
  });

  it("is null for a new example if its row omits it", () => {
    expect(planAppend([row("x", "b")], NONE, OPEN).writes.get("x")?.split).toBeNull();
  });

  it("counts as an update on its own", () => {
    const plan = planAppend([row("x", "a", { split: "validation" })], new Map([state("x", "a")]), OPEN);
    expect(countsOf(plan)).toEqual([0, 1, 0, 0]);
    expect(plan.writes.get("x")?.split).toBe("validation");
  });
});

describe("a label", () => {
  it("outside the fixed ones is rejected at its place in the request", () => {
    const plan = planAppend([row("x", "a", { index: 7 }), row("y", "A", { index: 9 })], NONE, {
      ...OPEN,
      fixedLabels: new Set(["a", "b"]),
    });
    expect(plan.rejected).toEqual([
      { index: 9, code: "unknown_label", pointer: "/label", detail: expect.stringContaining('"A"') },
    ]);
  });

  it("above the limit is rejected, while known labels are accepted", () => {
    const rules = { ...OPEN, labelLimit: 3, knownLabels: new Set(["a", "b"]) };
    const plan = planAppend([row("1", "c"), row("2", "d"), row("3", "c"), row("4", "a")], NONE, rules);
    expect(countsOf(plan)).toEqual([3, 0, 0, 1]);
    expect(plan.rejected[0]).toMatchObject({ code: "too_many_labels", pointer: "/label" });
  });

  it("differs from another by case, inner spaces and composition", () => {
    const plan = planAppend(
      ["a", "A", " a", "é", "e\u0301"].map((label, i) => row(`${i}`, label)),
      NONE,
      {
        ...OPEN,
        labelLimit: 4,
      },
    );
    expect(plan.rejected.map(({ code }) => code)).toEqual(["too_many_labels"]);
  });
});

describe("a set of labels", () => {
  it("is unchanged if it is equal, and updated if it has one label more or less", () => {
    const before = new Map(["same", "more", "less", "none"].map((id) => aimedState(id, { labels: ["a", "b"] })));
    const plan = planAppend(
      [
        ...[aimed("same", { labels: ["a", "b"] }), aimed("more", { labels: ["a", "b", "c"] })],
        ...[aimed("less", { labels: ["a"] }), aimed("none", { labels: [] })],
      ],
      before,
      OPEN,
    );
    expect(countsOf(plan)).toEqual([0, 3, 1, 0]);
    expect(plan.writes.get("none")?.target).toEqual({ labels: [] });
  });

  it("is rejected as a whole if one label is outside the fixed ones, which is named", () => {
    const rules = { ...OPEN, fixedLabels: new Set(["a", "b"]) };
    const plan = planAppend([aimed("x", { labels: ["a", "c"] }), aimed("y", { labels: [] })], NONE, rules);
    expect(countsOf(plan)).toEqual([1, 0, 0, 1]);
    expect(plan.rejected[0]).toMatchObject({ code: "unknown_label", pointer: "/labels" });
    expect(plan.rejected[0]?.detail).toContain('"c"');
  });

  it("is rejected as a whole if it exceeds the limit, and adds none of its labels", () => {
    const rules = { ...OPEN, labelLimit: 3, knownLabels: new Set(["a"]) };
    const rows = [["a", "b", "c", "d"], ["a", "b", "c"], ["d"], ["c", "b", "a"]];
    const plan = planAppend(
      rows.map((labels, i) => aimed(`${i}`, { labels })),
      NONE,
      rules,
    );
    expect(plan.rejected.map(({ code, pointer }) => [code, pointer])).toEqual([
      ["too_many_labels", "/labels"],
      ["too_many_labels", "/labels"],
    ]);
    expect([...plan.writes.keys()]).toEqual(["1", "3"]);
  });
});

describe("a value", () => {
  it("is unchanged if it is equal, and updated by the smallest difference", () => {
    const before = new Map([aimedState("same", { value: 0.1 }), aimedState("other", { value: 0.3 })]);
    const rows = [aimed("same", { value: 0.1 }), aimed("other", { value: 0.1 + 0.2 })];
    expect(countsOf(planAppend(rows, before, OPEN))).toEqual([0, 1, 1, 0]);
  });

  it("has no label, so that no limit of labels rejects it", () => {
    expect(countsOf(planAppend([aimed("x", { value: 1 })], NONE, { ...OPEN, labelLimit: 0 }))).toEqual([1, 0, 0, 0]);
  });
});

describe("the quota of examples", () => {
  const full = { ...OPEN, examplesNow: 9, examplesQuota: 10 };

  it("accepts as many new examples as it allows, and no more", () => {
    const plan = planAppend([row("1", "a"), row("2", "a"), row("1", "b")], NONE, full);
    expect(countsOf(plan)).toEqual([1, 1, 0, 1]);
    expect(plan.rejected[0]).toMatchObject({ code: "quota_exceeded", detail: expect.stringContaining("10") });
  });

  it("allows changes of existing examples", () => {
    const plan = planAppend([row("x", "b")], new Map([state("x", "a")]), { ...full, examplesNow: 10 });
    expect(countsOf(plan)).toEqual([0, 1, 0, 0]);
  });

  it("rejects only new examples if it is lowered below the current number", () => {
    const rules = { ...full, examplesNow: 50 };
    const plan = planAppend([row("x", "b"), row("y", "a")], new Map([state("x", "a")]), rules);
    expect(countsOf(plan)).toEqual([0, 1, 0, 1]);
  });
});
