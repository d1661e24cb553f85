// Examples: an input, its target, its split and its source. Reads join the input; writes are planned before.
import type { Page } from "../../src/contract/common.ts";
import type { ExampleFilter, ExampleView, Split } from "../../src/contract/examples.ts";
import { labelsIn } from "../../src/contract/targets.ts";
import type { Task } from "../../src/contract/tasks.ts";
import type { Turns } from "../../src/core/turns.ts";
import { Insertion } from "../kit/insert-rows.ts";
import { pageOfRows } from "../kit/pages.ts";
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";
import { JOINS, readExamples, SELECT, type Stored, type StoredExample } from "./example-rows.ts";
import { ExampleSearch } from "./example-search.ts";
import { TARGET_COLUMNS, type TargetColumns } from "./targets.ts";
import { TrainingOrder, type TrainingRow } from "./training-order.ts";

type ComparedRow = Pick<StoredExample, "id" | "input" | "digest" | "target" | "split">;

/** An example to insert or to change, with the ids of its input and labels. */
export interface ExampleWrite extends TargetColumns {
  readonly id: string;
  readonly input: number;
  readonly split: Split | null;
}

export class ExampleTable {
  readonly #sql: SqlStorage;
  readonly #task: Task;

  constructor(sql: SqlStorage, task: Task) {
    this.#sql = sql;
    this.#task = task;
  }

  get(id: string): StoredExample | null {
    const rows = this.#sql.exec<Stored<StoredExample>>(`${SELECT} WHERE examples.id = ?`, id).toArray();
    return readExamples<StoredExample>(this.#sql, rows)[0] ?? null;
  }

  /** The fields of stored examples that an upload compares, without text. */
  byIds(ids: readonly string[]): Map<string, ComparedRow> {
    const query = `SELECT examples.id AS id, input, digest, ${TARGET_COLUMNS}, split FROM examples ${JOINS}
      WHERE examples.id IN (SELECT value FROM json_each(?))`;
    const rows = selectByKeys<Stored<ComparedRow>>(this.#sql, query, ids);
    return new Map(readExamples<ComparedRow>(this.#sql, rows).map((row) => [row.id, row]));
  }

  /** Number of labels that examples have together; counts only sets of labels. */
  labelsOf(ids: readonly string[]): number {
    const query = `SELECT coalesce(sum(json_array_length(label_ids)), 0) AS labels FROM examples
      WHERE label_ids IS NOT NULL AND id IN (SELECT value FROM json_each(?))`;
    return selectByKeys<{ labels: number }>(this.#sql, query, ids).reduce((sum, { labels }) => sum + labels, 0);
  }

  count(): number {
    return this.#sql.exec<{ examples: number }>("SELECT examples FROM tally").one().examples;
  }

  /** Adds examples, none of which is stored yet. */
  add(writes: readonly ExampleWrite[], source: ExampleView["source"], now: number): void {
    EXAMPLES.run(this.#sql, writes.map(valuesOf), [source, now, now]);
  }

  /** Changes examples, all of which are stored. */
  update(writes: readonly ExampleWrite[], source: ExampleView["source"], now: number): void {
    const update = `UPDATE examples SET input = change.value ->> 1, label = change.value ->> 2, label_ids = change.value ->> 3,
      value = change.value ->> 4, split = change.value ->> 5, source = ?2, updated_at = ?3
      FROM json_each(?1) AS change WHERE examples.id = change.value ->> 0`;
    inJsonBatches(writes.map(valuesOf), (json) => this.#sql.exec(update, json, source, now));
  }

  /** Deletes examples. Returns those that existed. */
  remove(ids: readonly string[]): Pick<StoredExample, "seq" | "id" | "input">[] {
    const remove = "DELETE FROM examples WHERE id IN (SELECT value FROM json_each(?)) RETURNING seq, id, input";
    return selectByKeys<{ seq: number; id: string; input: number }>(this.#sql, remove, ids);
  }

  /** A page. Filters without an index search in windows of rows, with a turn of the event loop after each window. */
  async list(
    filter: ExampleFilter,
    turns: Turns,
    view: (row: StoredExample) => ExampleView,
  ): Promise<Page<ExampleView>> {
    const found = await new ExampleSearch(this.#sql, this.#task).find(filter, turns);
    return pageOfRows(readExamples<StoredExample>(this.#sql, found), filter, ({ seq }) => seq, view);
  }

  /**
   * Rows after `seq`, oldest first, with the places of their features: at most `limit` rows, and only until texts and labels
   * reach `chars` characters.
   */
  after(seq: number, limit: number, chars: number): StoredExample[] {
    const query = `${SELECT} WHERE seq > ? ORDER BY seq LIMIT ?`;
    const cursor = this.#sql.exec<Stored<StoredExample>>(query, seq, limit);
    const stored = untilFull(cursor, chars, ({ text }) => text?.length ?? 0);
    return untilFull(readExamples<StoredExample>(this.#sql, stored), chars, charsOf);
  }

  /**
   * All examples in training order, a few hundred rows at a time. A row that changes between two parts may be in one of them, in
   * both or in none.
   */
  inTrainingOrderByParts(): Generator<readonly TrainingRow[]> {
    return new TrainingOrder(this.#sql, this.#task).parts(this.count());
  }
}

const EXAMPLES = new Insertion("examples", {
  own: ["id", "input", "label", "label_ids", "value", "split"],
  shared: ["source", "created_at", "updated_at"],
});

/** The values of an example's own columns. */
const valuesOf = ({ id, input, label, label_ids, value, split }: ExampleWrite): (string | number | null)[] => [
  id,
  input,
  label,
  label_ids && JSON.stringify(label_ids),
  value,
  split,
];

/** The first rows, up to and including the one that reaches `chars`. Reads no further row. */
function untilFull<Row>(rows: Iterable<Row>, chars: number, charsIn: (row: Row) => number): Row[] {
  const taken: Row[] = [];
  let sum = 0;
  for (const row of rows) {
    taken.push(row);
    sum += charsIn(row);
    if (sum >= chars) break;
  }
  return taken;
}

const charsOf = ({ text, target }: StoredExample): number =>
  (text?.length ?? 0) + labelsIn(target).reduce((sum, { length }) => sum + length, 0);
