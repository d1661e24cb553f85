// Uploads that contradict themselves: their conflicts are counted, named, and listed for review.
import { beforeAll, describe, expect, it } from "vitest";
import type { NewExample } from "../../src/contract/example-rpc.ts";
import type { LabelIssuesPage } from "../../src/contract/label-issues.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Conflicts } from "../../src/http/uploads/conflicts.ts";
import { makeHead, makeTenant, must, upload } from "../support/service.ts";

let key = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("conflicts")).key;
});

async function make(more: object = {}): Promise<string> {
  const head = `h-${heads++}`;
  await makeHead(key, head, { backbone: "text-embedded", ...more });
  return head;
}

const issuesOf = (head: string, query = "") =>
  must<LabelIssuesPage>("GET", `/v1/heads/${head}/label-issues${query}`, { key });
const patch = (head: string, id: string, label: string) =>
  must("PATCH", `/v1/heads/${head}/examples/${id}`, { key, body: { label } });

describe("rows of one upload that give a text two labels", () => {
  it("are counted and listed, whether they make one example or two, and other rows are not", async () => {
    const head = await make();
    const answer = await upload(key, head, [
      { text: "same", label: "x" },
      { id: "one", text: "twice", label: "x" },
      { text: "alike", label: "x" },
      { text: "same", label: "y" },
      { id: "two", text: "twice", label: "y" },
      { text: "alike", label: " x" },
    ]);
    expect(answer).toMatchObject({ added: 4, updated: 1, unchanged: 1, conflicts_total: 2 });
    expect(answer.conflicts).toEqual([
      { index: 3, id: expect.any(String), label: "y", earlier: { index: 0, label: "x" } },
      { index: 4, id: "two", label: "y", earlier: { index: 1, label: "x" } },
    ]);
    const again = await upload(key, head, [{ text: "same", label: "x" }]);
    expect(again).toMatchObject({ updated: 1, conflicts: [], conflicts_total: 0 });
  });

  it("are found across the parts of a stream, with their lines, and are listed up to a limit", async () => {
    const head = await make({ backbone: "features", dimension: 2 });
    const line = (i: number, label: string) => JSON.stringify({ id: `${label}${i}`, features: [i, 1], label });
    const body = ["x", "y"].flatMap((label) => Array.from({ length: 600 }, (_, i) => line(i, label))).join("\n");
    const headers = { "Content-Type": "application/x-ndjson" };
    const answer = await must<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers });
    expect(answer).toMatchObject({ added: 1_200, conflicts_total: 600 });
    expect(answer.conflicts).toHaveLength(LIMITS.conflictsListed);
    expect(answer.conflicts[0]).toEqual({
      index: 600,
      line: 601,
      id: "y0",
      label: "y",
      earlier: { index: 0, label: "x" },
    });
  });

  it("are no conflict if one of them is rejected, and are a conflict if they have different label sets", async () => {
    const fixed = await make({ labels: ["x", "y"] });
    const rows = ["x", "other"].map((label) => ({ text: "same", label }));
    expect(await upload(key, fixed, rows)).toMatchObject({ rejected_total: 1, conflicts_total: 0 });
    const tags = await make({ task: "multilabel" });
    const sets = [["a", "b"], ["b", "a"], ["a"]].map((labels) => ({ text: "same", labels }));
    expect((await upload(key, tags, sets)).conflicts).toMatchObject([
      { index: 2, labels: ["a"], earlier: { index: 1, labels: ["a", "b"] } },
    ]);
  });
});

describe("the label issues", () => {
  it("include conflicts of uploads before any training, until these are relabelled, confirmed or deleted", async () => {
    const head = await make();
    await upload(key, head, [
      { id: "o", text: "overwritten", label: "x" },
      { id: "o", text: "overwritten", label: "y" },
      { id: "a", text: "two of it", label: "x" },
      { id: "b", text: "two of it", label: "y" },
      { id: "c", text: "confirmed", label: "x" },
      { id: "c", text: "confirmed", label: "y" },
    ]);
    const issue = { suggested: "x", label: "y", kind: "conflict", score: null, suggested_score: null, suspicion: 1 };
    expect(await issuesOf(head)).toMatchObject({
      version: null,
      data: [
        { example: "o", ...issue },
        { example: "b", ...issue, others: ["a"] },
        { example: "c", ...issue },
      ],
      has_more: false,
    });
    const first = await issuesOf(head, "?limit=2");
    expect(first.data.map(({ example }) => example)).toEqual(["o", "b"]);
    const rest = await issuesOf(head, `?limit=2&after=${first.next}`);
    expect(rest.data.map(({ example }) => example)).toEqual(["c"]);
    await patch(head, "o", "x");
    await patch(head, "c", "y");
    await must("DELETE", `/v1/heads/${head}/examples/a`, { key });
    expect((await issuesOf(head)).data).toEqual([]);
  });
});

describe("an upload of one example", () => {
  it("returns the example's id, as feedback does; an upload of several examples returns no id", async () => {
    const head = await make();
    expect((await upload(key, head, [{ id: "mine", text: "a", label: "x" }])).id).toBe("mine");
    const { id } = await must<UploadResult>("POST", `/v1/heads/${head}/feedback`, {
      key,
      body: { input: { text: "b" }, label: "y" },
    });
    expect(await must("GET", `/v1/heads/${head}/examples/${id}`, { key })).toMatchObject({ text: "b", label: "y" });
    const two = ["c", "d"].map((text) => ({ text, label: "x" }));
    expect(await upload(key, head, two)).not.toHaveProperty("id");
    expect(await upload(key, head, [{ text: "e", label: "x" }, { text: "f" }])).not.toHaveProperty("id");
  });
});

describe("the memory of an upload's inputs", () => {
  const row = (i: number, label: string): NewExample => ({
    index: i,
    id: `${i}`,
    content: { form: "feature" },
    target: { label },
    // The digest varies in all bits, as real digests do. Otherwise all inputs would share a few slots.
    digest: (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0").repeat(8),
  });

  it("finds every conflict among thousands of inputs while it grows", () => {
    const conflicts = new Conflicts();
    for (let i = 0; i < 5_000; i++) conflicts.note(row(i, "x"), undefined);
    for (let i = 0; i < 5_000; i++) conflicts.note(row(i, i % 2 ? "x" : "y"), undefined);
    expect(conflicts.total).toBe(2_500);
    expect(conflicts.listed).toHaveLength(LIMITS.conflictsListed);
  });

  it("still finds conflicts with the inputs that it knows once there are too many", () => {
    const conflicts = new Conflicts();
    for (let i = 0; i <= LIMITS.conflictInputs + 5; i++) conflicts.note(row(i, "x"), undefined);
    conflicts.note(row(LIMITS.conflictInputs + 5, "y"), undefined);
    expect(conflicts.total).toBe(0);
    conflicts.note(row(7, "y"), undefined);
    expect(conflicts.total).toBe(1);
  });
});
