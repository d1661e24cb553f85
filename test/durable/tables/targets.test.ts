// Targets in rows: labels, label sets and values are restored exactly, are found by label, and are counted.
import { describe, expect, it } from "vitest";
import { ExampleTable } from "../../../durable/tables/examples.ts";
import type { Target } from "../../../src/contract/targets.ts";
import type { Task } from "../../../src/contract/tasks.ts";
import { unwrap } from "../../../src/core/problems.ts";
import { append, inObject, makeHead, type TestHead, type TestRow } from "../../support/objects.ts";
import { seededRandom } from "../../support/random.ts";

const headOf = (task: Task, labels: readonly string[] | null = null) => makeHead(labels, 4, task);
const ids = async ({ rpc }: TestHead, label: string, more = {}): Promise<string[]> =>
  unwrap(await rpc.listExamples({ label, ...more })).data.map(({ id }) => id);
const shown = async ({ rpc }: TestHead) => unwrap(await rpc.describe());

const inOrder = (head: TestHead, task: Task) =>
  inObject(head.name, ({ sql }) => [...new ExampleTable(sql, task).inTrainingOrderByParts()].flat());

/** Counts and links computed from the rows. */
const recount = (head: TestHead) =>
  inObject(head.name, ({ sql }) => {
    const query = `SELECT name, count(*) AS n FROM examples, json_each(label_ids) JOIN labels ON labels.id = json_each.value
      GROUP BY name`;
    const counts = sql.exec<{ name: string; n: number }>(query).toArray();
    const links = sql.exec<{ n: number }>("SELECT count(*) AS n FROM example_labels").one().n;
    return { byLabel: Object.fromEntries(counts.map(({ name, n }) => [name, n])), links };
  });

describe("a set of labels", () => {
  it("is restored in its order, empty or not, and is unchanged if it is sent again", async () => {
    const head = await headOf("multilabel");
    const odd = ["'; DROP TABLE labels; --", "null", "[1]", "a\0b", "e\u0301", "\u{1f3fa}", "\uffee"].sort();
    const rows = [
      { id: "none", labels: [] },
      { id: "odd", labels: odd },
      { id: "one", labels: ["[1]"] },
    ];
    expect(await append(head, rows)).toMatchObject({ added: 3 });
    expect(unwrap(await head.rpc.listExamples({})).data).toMatchObject(rows);
    expect(await append(head, rows)).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
  });

  it("is found by each of its labels, in pages, with the other filters", async () => {
    const head = await headOf("multilabel");
    await append(head, [
      { id: "1", labels: ["a", "b"] },
      { id: "2", labels: ["b"], split: "test" },
      { id: "3", labels: [] },
      { id: "4", labels: ["a", "b", "c"], input: "needle" },
    ]);
    expect(await ids(head, "a")).toEqual(["1", "4"]);
    expect(await ids(head, "b")).toEqual(["1", "2", "4"]);
    expect(await ids(head, "b", { split: "test" })).toEqual(["2"]);
    expect(await ids(head, "b", { q: "needle" })).toEqual(["4"]);
    expect(await ids(head, "d")).toEqual([]);
    const first = unwrap(await head.rpc.listExamples({ label: "b", limit: 2 }));
    expect(first.data.map(({ id }) => id)).toEqual(["1", "2"]);
    expect(await ids(head, "b", { after: first.next })).toEqual(["4"]);
  });

  it("counts once for each of its labels, and a label without examples is deleted", async () => {
    const head = await headOf("multilabel");
    await append(head, [
      { id: "x", labels: ["a", "b"] },
      { id: "y", labels: ["b"] },
      { id: "z", labels: [] },
    ]);
    const before = { total: 3, pending: 0, by_label: { a: 1, b: 2 } };
    expect((await shown(head)).examples).toEqual(before);
    unwrap(await head.rpc.updateExample("x", { labels: ["c"] }));
    expect(await shown(head)).toMatchObject({ labels: ["b", "c"], examples: { total: 3, by_label: { b: 1, c: 1 } } });
    unwrap(await head.rpc.deleteExample("x"));
    expect(await shown(head)).toMatchObject({ labels: ["b"], examples: { total: 2 } });
  });

  it("is refused if it has a label outside the fixed ones, by upload or by relabel", async () => {
    const head = await headOf("multilabel", ["b", "a"]);
    expect(
      await append(head, [
        { id: "x", labels: ["a"] },
        { id: "y", labels: ["a", "c"] },
      ]),
    ).toMatchObject({ added: 1, rejected: [{ index: 1, code: "unknown_label" }] });
    const answer = await head.rpc.updateExample("x", { labels: ["c"] });
    expect(answer).toMatchObject({ ok: false, fault: { code: "invalid_request", errors: [{ pointer: "/labels" }] } });
    expect(await shown(head)).toMatchObject({ labels: ["b", "a"], examples: { total: 1, by_label: { b: 0, a: 1 } } });
  });

  it("stays correctly counted and found in any sequence of changes", async () => {
    const head = await headOf("multilabel");
    const random = seededRandom(11);
    const model = new Map<string, string[]>();
    const drawn = () => ["a", "b", "c", "d", "e"].filter(() => random.next() < 0.35);
    for (let step = 0; step < 40; step++) {
      const rows = Array.from({ length: 1 + random.below(6) }, () => ({
        id: `id${random.below(25)}`,
        labels: drawn(),
      }));
      await append(head, rows);
      for (const { id, labels } of rows) model.set(id, labels);
      const [first, second] = [...model.keys()].sort(() => random.next() - 0.5) as [string, string | undefined];
      model.set(first, drawn());
      unwrap(await head.rpc.updateExample(first, { labels: model.get(first) ?? [] }));
      if (second && model.delete(second)) unwrap(await head.rpc.deleteExample(second));
    }
    const { examples } = await shown(head);
    const { byLabel, links } = await recount(head);
    expect(examples).toEqual({ total: model.size, pending: 0, by_label: byLabel });
    expect(links).toBe([...model.values()].flat().length);
    for (const label of Object.keys(byLabel)) {
      const having = [...model].filter(([, labels]) => labels.includes(label)).map(([id]) => id);
      expect((await ids(head, label)).sort()).toEqual(having.sort());
    }
  });
});

describe("a value", () => {
  // SQLite guarantees 15 digits of a decimal that it parses. A value that lost a bit would be "updated" by every upload of it.
  it("is restored bit for bit, and is unchanged if it is sent again", async () => {
    const head = await headOf("regression");
    const values = [
      0,
      1,
      -1.5,
      0.1 + 0.2,
      1 / 3,
      1e-300,
      5e-324,
      2 ** 53 - 1,
      3.4028234663852886e38,
      123456789.12345679,
    ];
    const rows = values.map((value, i) => ({ id: `${i}`, value }));
    await append(head, rows);
    expect(unwrap(await head.rpc.listExamples({})).data).toMatchObject(rows);
    expect(await append(head, rows)).toMatchObject({ updated: 0, unchanged: rows.length });
  });

  it("has no label: the head shows none, and no label finds it", async () => {
    const head = await headOf("regression");
    await append(head, [{ id: "x", value: 0 }]);
    expect(await shown(head)).toMatchObject({ labels: [], examples: { total: 1, by_label: {} } });
    expect(await ids(head, "0")).toEqual([]);
  });
});

describe("the order of training rows", () => {
  const arrivals: readonly [Task, readonly TestRow[]][] = [
    ["classification", ["b", "a", "a b", "\u{1f3fa}"].map((label, i) => ({ id: `${i}`, label, input: "same" }))],
    ["multilabel", [["b"], ["a", "b"], [], ["a"]].map((labels, i) => ({ id: `${i}`, labels, input: "same" }))],
    ["regression", [3, -1, 0.5, 20].map((value, i) => ({ id: `${i}`, value, input: "same" }))],
  ];
  it.each(arrivals)("is the same for a %s head in any order of its examples", async (task, rows) => {
    const all: TestRow[] = [
      ...rows,
      ...rows.map((row) => ({ ...row, id: `test ${row.id}`, split: "test" as const })),
      ...rows.map((row) => ({ ...row, id: `other ${row.id}`, input: `other ${row.id}` })),
    ];
    const orders: { digest: string; target: Target; split: unknown }[][] = [];
    for (const arrival of [all, [...all].reverse()]) {
      const head = await headOf(task);
      for (const row of arrival) await append(head, [row]);
      orders.push((await inOrder(head, task)).map(({ digest, target, split }) => ({ digest, target, split })));
    }
    expect(orders[0]).toHaveLength(all.length);
    expect(orders[1]).toEqual(orders[0]);
  });
});
