// Uploads, relabels and deletions through a head's object: what is stored, deleted and counted.
import { describe, expect, it } from "vitest";
import type { ExampleView } from "../../../../src/contract/examples.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { append, digestOfInput, featureOf, inObject, makeHead, type TestHead } from "../../../support/objects.ts";
import { seededRandom } from "../../../support/random.ts";

const get = async ({ rpc }: TestHead, id: string): Promise<ExampleView> => unwrap(await rpc.getExample(id));
const update = async ({ rpc }: TestHead, id: string, patch: Parameters<typeof rpc.updateExample>[1]) =>
  unwrap(await rpc.updateExample(id, patch));
const remove = async ({ rpc }: TestHead, id: string) => unwrap(await rpc.deleteExample(id));

/** Whether the object still stores this input. */
const knows = async ({ rpc }: TestHead, input: string): Promise<boolean> =>
  unwrap(await rpc.missingFeatures([digestOfInput(input)])).length === 0;

/** The head's counts, and the same counts computed from the rows. */
async function countsOf(head: TestHead) {
  const { examples, labels } = unwrap(await head.rpc.describe());
  const recount = await inObject(head.name, ({ sql }) =>
    sql
      .exec<{ name: string; n: number }>(
        "SELECT labels.name AS name, count(*) AS n FROM examples JOIN labels ON labels.id = label GROUP BY label",
      )
      .toArray(),
  );
  return { examples, labels, recount: Object.fromEntries(recount.map(({ name, n }) => [name, n])) };
}

const textContent = (text: string) => ({ form: "text", text }) as const;

/** Whether every example's vector is that of its own input. */
async function expectSoundVectors(head: TestHead, inputById: ReadonlyMap<string, string>): Promise<void> {
  const page = unwrap(await head.rpc.exportExamples(null, true));
  expect(new Map(page.data.map(({ id, input }) => [id, input?.text]))).toEqual(inputById);
  for (const { input, vector } of page.data) expect(vector).toEqual(featureOf(input?.text as string, head.dims));
}

describe("an upload", () => {
  it("stores all of 1,000 rows, which can be read by id", async () => {
    const head = await makeHead();
    const rows = Array.from({ length: 1_000 }, (_, i) => ({ id: `row ${i}`, label: `label ${i % 7}` }));
    expect(await append(head, rows)).toEqual({ added: 1_000, updated: 0, unchanged: 0, pending: 0, rejected: [] });
    expect(await append(head, rows)).toEqual({ added: 0, updated: 0, unchanged: 1_000, pending: 0, rejected: [] });
    expect(await get(head, "row 999")).toMatchObject({ label: "label 5", text: "row 999", source: "api", split: null });
    const { examples, recount } = await countsOf(head);
    expect(examples).toEqual({ total: 1_000, pending: 0, by_label: recount });
    await expectSoundVectors(head, new Map(rows.map(({ id }) => [id, id])));
  });

  it("stores nothing if features are missing, and names each missing input once", async () => {
    const head = await makeHead();
    await append(head, [{ id: "here", label: "a" }]);
    const examples = ["here", "new", "new", "newer"].map((input, index) => ({
      index,
      id: `${index}`,
      target: { label: "a" },
      digest: digestOfInput(input),
      content: textContent(input),
    }));
    const features = { digests: [], values: new Float32Array() };
    const answer = unwrap(await head.rpc.append({ examples, features, source: "api", examplesQuota: 100 }));
    expect(answer).toEqual({ missing: [digestOfInput("new"), digestOfInput("newer")] });
    expect((await countsOf(head)).examples.total).toBe(1);
    expect(await knows(head, "new")).toBe(false);
  });

  it("does not request features of rows that it rejects", async () => {
    const head = await makeHead(["a", "b"]);
    const example = { index: 0, id: "x", target: { label: "c" }, digest: "unknown", content: textContent("x") };
    const features = { digests: [], values: new Float32Array() };
    const answer = unwrap(await head.rpc.append({ examples: [example], features, source: "api", examplesQuota: 9 }));
    expect(answer).toMatchObject({ added: 0, rejected: [{ index: 0, code: "unknown_label" }] });
  });

  it("deletes the input that it replaces", async () => {
    const head = await makeHead();
    await append(head, [
      { id: "x", label: "a", input: "old" },
      { id: "y", label: "a", input: "other" },
    ]);
    expect(await append(head, [{ id: "x", label: "a", input: "new" }])).toMatchObject({ updated: 1 });
    expect([await knows(head, "old"), await knows(head, "new")]).toEqual([false, true]);
    await expectSoundVectors(
      head,
      new Map([
        ["x", "new"],
        ["y", "other"],
      ]),
    );
  });

  it("keeps a replaced input if another example has it", async () => {
    const head = await makeHead();
    await append(head, [
      { id: "x", label: "a", input: "shared" },
      { id: "y", label: "b", input: "shared" },
    ]);
    await append(head, [{ id: "x", label: "a", input: "new" }]);
    expect(await knows(head, "shared")).toBe(true);
  });

  it("stops at the quota, which applies to all uploads together", async () => {
    const head = await makeHead();
    await append(
      head,
      [
        { id: "1", label: "a" },
        { id: "2", label: "a" },
      ],
      3,
    );
    const answer = await append(
      head,
      [
        { id: "3", label: "a" },
        { id: "4", label: "a" },
        { id: "1", label: "b" },
      ],
      3,
    );
    expect(answer).toMatchObject({ added: 1, updated: 1, rejected: [{ index: 1, code: "quota_exceeded" }] });
  });
});

describe("a relabel", () => {
  it("updates the counts, and deletes a label that no example has any more", async () => {
    const head = await makeHead();
    await append(head, [
      { id: "x", label: "a" },
      { id: "y", label: "b" },
    ]);
    expect(await update(head, "x", { label: "b" })).toMatchObject({ id: "x", label: "b", split: null });
    const { labels, examples } = await countsOf(head);
    expect([labels, examples.by_label]).toEqual([["b"], { b: 2 }]);
  });

  it("keeps the split unless a split is given, and removes it if null is given", async () => {
    const head = await makeHead();
    await append(head, [{ id: "x", label: "a", split: "test" }]);
    expect((await update(head, "x", { label: "b" })).split).toBe("test");
    expect((await update(head, "x", { split: null })).split).toBeNull();
    expect(await update(head, "x", {})).toMatchObject({ label: "b", split: null });
  });

  it("is refused without a change if the label is outside the fixed ones", async () => {
    const head = await makeHead(["a", "b"]);
    await append(head, [{ id: "x", label: "a" }]);
    const answer = await head.rpc.updateExample("x", { label: "c" });
    expect(answer).toMatchObject({ ok: false, fault: { code: "invalid_request", errors: [{ pointer: "/label" }] } });
    expect((await get(head, "x")).label).toBe("a");
  });

  // An upload stops at the limit of labels (planAppend); a relabel must too.
  it("is refused if it would give the head more labels than it may have", async () => {
    const head = await makeHead();
    await append(
      head,
      Array.from({ length: LIMITS.labelsPerHead + 1 }, (_, i) => ({
        id: `${i}`,
        label: `${i % LIMITS.labelsPerHead}`,
      })),
    );
    expect(await head.rpc.updateExample("0", { label: "one more" })).toMatchObject({ ok: false });
  });

  it("fails if the example does not exist", async () => {
    const head = await makeHead();
    expect(await head.rpc.updateExample("x", { label: "c" })).toMatchObject({
      ok: false,
      fault: { code: "not_found" },
    });
    expect(await head.rpc.deleteExample("x")).toMatchObject({ ok: false, fault: { code: "not_found" } });
  });
});

describe("a deletion", () => {
  it("deletes the input with its last example, and not before", async () => {
    const head = await makeHead();
    await append(head, [
      { id: "x", label: "a", input: "shared" },
      { id: "y", label: "b", input: "shared" },
    ]);
    await remove(head, "x");
    expect(await knows(head, "shared")).toBe(true);
    await remove(head, "y");
    expect(await knows(head, "shared")).toBe(false);
    expect(await countsOf(head)).toMatchObject({ labels: [], examples: { total: 0 }, recount: {} });
  });

  it("leaves no byte of the input in any table", async () => {
    const head = await makeHead();
    await append(head, [
      { id: "x", label: "a", input: "a secret" },
      { id: "y", label: "a" },
    ]);
    await remove(head, "x");
    const left = await inObject(head.name, ({ sql }) =>
      ["inputs", "examples", "labels", "blocks"].map((table) => sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n),
    );
    expect(left).toEqual([1, 1, 1, 1]);
    await expectSoundVectors(head, new Map([["y", "y"]]));
  });
});

it("counts stay exact and vectors correct in any sequence of changes", async () => {
  const head = await makeHead();
  const random = seededRandom(8);
  const model = new Map<string, { label: string; input: string }>();
  const drawn = () => ({
    id: `id${random.below(40)}`,
    label: `label${random.below(5)}`,
    input: `input${random.below(25)}`,
  });
  for (let step = 0; step < 40; step++) {
    const rows = Array.from({ length: 1 + random.below(12) }, drawn);
    await append(head, rows);
    for (const { id, label, input } of rows) model.set(id, { label, input });
    const [first, second] = [...model.keys()].sort(() => random.next() - 0.5) as [string, string | undefined];
    const label = `label${random.below(6)}`;
    await update(head, first, { label });
    model.set(first, { label, input: model.get(first)?.input as string });
    if (second) await remove(head, second);
    if (second) model.delete(second);
  }
  const { examples, labels, recount } = await countsOf(head);
  const expected: Record<string, number> = {};
  for (const { label } of model.values()) expected[label] = (expected[label] ?? 0) + 1;
  expect(recount).toEqual(expected);
  expect(examples).toEqual({ total: model.size, pending: 0, by_label: expected });
  expect(labels).toEqual(Object.keys(expected).sort());
  await expectSoundVectors(head, new Map([...model].map(([id, { input }]) => [id, input])));
});

describe("a head that was deleted and created again", () => {
  const remake = async ({ name, rpc }: TestHead): Promise<void> => {
    await rpc.destroy();
    const backbone = { id: "text-embedded", identity: "sha256:test", dimension: 6 } as const;
    unwrap(await rpc.create({ id: name, task: "classification", backbone, labels: null, description: null }));
  };
  const bornOf = async ({ rpc }: TestHead): Promise<number> => Date.parse(unwrap(await rpc.describe()).created_at);

  it("refuses every step of an upload or export that began with the old head", async () => {
    const head = await makeHead();
    await append(head, [{ id: "one", label: "a" }]);
    const born = await bornOf(head);
    await remake(head);
    const features = { digests: [digestOfInput("two")], values: featureOf("two", head.dims) };
    const example = {
      index: 0,
      id: "two",
      digest: digestOfInput("two"),
      content: textContent("two"),
      target: { label: "a" },
    };
    const request = { born, examples: [example], features, source: "api", examplesQuota: 9 } as const;
    const refused = { ok: false, fault: { code: "conflict" } };
    expect(await head.rpc.append(request)).toMatchObject(refused);
    expect(await head.rpc.missingFeatures([example.digest], born)).toMatchObject(refused);
    expect(await head.rpc.exportExamples(null, false, born)).toMatchObject(refused);
    expect((await countsOf(head)).examples.total).toBe(0);
  });

  it("has another identity than the old one, however soon it was created", async () => {
    const head = await makeHead();
    const births = [await bornOf(head)];
    for (let i = 0; i < 5; i++) {
      await remake(head);
      births.push(await bornOf(head));
    }
    expect(new Set(births).size).toBe(6);
  });
});
