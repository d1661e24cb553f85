// Label issues: the findings of a training are listed while they are still valid.
import { beforeAll, describe, expect, it } from "vitest";
import type { LabelIssuesPage } from "../../src/contract/label-issues.ts";
import { expectProblem } from "../support/problems.ts";
import { normals, seededRandom } from "../support/random.ts";
import { call, makeHead, makeTenant, must, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("issues")).key;
});

const list = (head: string, query = "") =>
  must<LabelIssuesPage>("GET", `/v1/heads/${head}/label-issues${query}`, { key });
const idsOf = async (head: string): Promise<string[]> => (await list(head)).data.map(({ example }) => example).sort();
const relabel = (head: string, id: string, label: string) =>
  must("PATCH", `/v1/heads/${head}/examples/${id}`, { key, body: { label } });

const DIMS = 16;
/** A point around the centre of a label, the same for the same `i`. */
const pointOf = (label: string, i: number, shift = 0): number[] =>
  Array.from(normals(seededRandom(i), DIMS), (noise) => (label === "north" ? 1.6 : -1.6) + noise + shift);

const sound = Array.from({ length: 60 }, (_, i) => {
  const label = i % 2 ? "north" : "south";
  return { id: `sound-${i}`, features: pointOf(label, i), label };
});
const rows = [
  ...sound,
  ...[101, 102, 103].map((i) => ({ id: `wrong-${i}`, features: pointOf("north", i), label: "south" })),
  { id: "twin", features: pointOf("north", 200), label: "north" },
  { id: "wrong-twin", features: pointOf("north", 200), label: "south" },
  { id: "wrong-near-twin", features: pointOf("north", 1, 0.001), label: "south" },
];

async function makeSuspicious(head: string): Promise<void> {
  await makeHead(key, head, { dimension: DIMS });
  await upload(key, head, rows);
  await train(key, head);
}

describe("label issues", () => {
  it("list the examples with a wrong label, duplicates first, in the form of the contract", async () => {
    await makeSuspicious("found");
    const page = await list("found");
    expect(page).toMatchObject({ version: 1, has_more: false, next: null });
    const kinds = Object.fromEntries(page.data.map(({ example, kind, others }) => [example, [kind, others]]));
    expect(kinds).toEqual({
      "wrong-twin": ["duplicate", ["twin"]],
      "wrong-near-twin": ["near_duplicate", ["sound-1"]],
      ...Object.fromEntries([101, 102, 103].map((i) => [`wrong-${i}`, ["contradiction", undefined]])),
    });
    expect(page.data[0]?.example).toBe("wrong-twin");
    for (const { label, suggested, score, suggested_score } of page.data) {
      expect({ label, suggested }).toEqual({ label: "south", suggested: "north" });
      expect(suggested_score).toBeGreaterThan(score as number);
    }
  });

  it("have pages that contain all of them", async () => {
    await makeSuspicious("paged");
    const all = (await list("paged")).data;
    const found: unknown[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page: LabelIssuesPage = await list("paged", `?limit=2${after && `&after=${after}`}`);
      found.push(...page.data);
      after = page.next;
    }
    expect(found).toEqual(all);
  });

  it("are sorted by suspicion, highest first, and can be filtered by a minimum", async () => {
    await makeSuspicious("suspicion");
    const all = (await list("suspicion")).data;
    expect(all.map(({ suspicion }) => suspicion)).toEqual(all.map(({ suspicion }) => suspicion).sort((a, b) => b - a));
    expect(all[0]).toMatchObject({ kind: "duplicate", suspicion: 1 });
    for (const { kind, score, suggested_score, suspicion } of all) {
      const odds = (suggested_score ?? 0) / ((score ?? 0) + (suggested_score ?? 0));
      if (kind !== "duplicate") expect(suspicion).toBeCloseTo(odds, 5);
    }
    const least = all[2]?.suspicion as number;
    expect((await list("suspicion", `?min_suspicion=${least}`)).data).toEqual(all.slice(0, 3));
    expect((await list("suspicion", "?min_suspicion=1")).data.map(({ example }) => example)).toEqual(["wrong-twin"]);
    expect((await list("suspicion", `?limit=1&min_suspicion=${least}`)).has_more).toBe(true);
  });

  it("exclude examples that were relabelled, deleted or given another input since then", async () => {
    await makeSuspicious("mended");
    await relabel("mended", "wrong-101", "north");
    await must("DELETE", "/v1/heads/mended/examples/wrong-102", { key });
    await upload(key, "mended", [{ id: "wrong-103", features: pointOf("south", 103), label: "south" }]);
    expect(await idsOf("mended")).toEqual(["wrong-near-twin", "wrong-twin"]);
  });

  it("exclude examples that contradict nothing any more, and exclude deleted examples from others", async () => {
    await makeSuspicious("settled");
    await relabel("settled", "twin", "south");
    await must("DELETE", "/v1/heads/settled/examples/sound-1", { key });
    expect(await idsOf("settled")).toEqual(["wrong-101", "wrong-102", "wrong-103"]);
  });

  it("do not reappear with an example that takes the id of a deleted one", async () => {
    await makeSuspicious("again");
    const row = rows.find(({ id }) => id === "wrong-101");
    await must("DELETE", "/v1/heads/again/examples/wrong-101", { key });
    await upload(key, "again", [row]);
    expect(await idsOf("again")).not.toContain("wrong-101");
  });

  it("are those of the newest version, or of the requested version", async () => {
    await makeSuspicious("two");
    for (const id of await idsOf("two")) await relabel("two", id, "north");
    await upload(key, "two", [{ id: "wrong-new", features: pointOf("south", 300), label: "north" }]);
    await train(key, "two");
    expect(await list("two")).toMatchObject({ version: 2, data: [{ example: "wrong-new" }] });
    expect(await list("two", "?version=1")).toMatchObject({ version: 1, data: [] });
    expectProblem(await call("GET", "/v1/heads/two/label-issues?version=3", { key }), 404, "not_found");
  });

  it("are stored for the newest five versions, and the answer for an older one says so", async () => {
    await makeSuspicious("many");
    for (let i = 0; i < 5; i++) await train(key, "many", { promote: "never" });
    expect((await list("many", "?version=2")).data).not.toEqual([]);
    const gone = await call("GET", "/v1/heads/many/label-issues?version=1", { key });
    expectProblem(gone, 404, "not_found");
    expect(gone.body.detail).toContain("newest 5");
  });

  it("are empty for a head without a version, and for heads of other tasks", async () => {
    await makeHead(key, "empty");
    expect(await list("empty")).toEqual({ version: null, data: [], has_more: false, next: null });
    await makeHead(key, "values", { task: "regression" });
    const values = Array.from({ length: 20 }, (_, i) => ({ features: [i, i * i], value: i }));
    await upload(key, "values", values);
    await train(key, "values");
    expect(await list("values")).toMatchObject({ version: 1, data: [] });
  });

  it("are refused with an invalid cursor or version", async () => {
    await makeHead(key, "strict");
    for (const query of ["after=x", "version=0", "version=one", "limit=0", "min_suspicion=2", "min_suspicion=x"]) {
      expectProblem(await call("GET", `/v1/heads/strict/label-issues?${query}`, { key }), 400, "invalid_request");
    }
  });
});
