// Examples: an input, its target, its split and its source. Reads join the input; writes are planned before.
import type { Page } from "../../src/contract/common.ts";
import type { ExampleFilter, ExampleView, Split } from "../../src/contract/examples.ts";
import { labelsIn, type Target } from "../../src/contract/targets.ts";
import { type Task, targetFieldOf } from "../../src/contract/tasks.ts";
import type { Turns } from "../../src/core/turns.ts";
import { Insertion } from "../kit/insert-rows.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";
import { LabelTable } from "./labels.ts";
import {
  ALL_EXAMPLES,
  type StoredTarget,
  TARGET_COLUMNS,
  TARGET_STORAGE,
  type TargetColumns,
  targetReader,
} from "./targets.ts";
import { TrainingOrder, type TrainingRow } from "./training-order.ts";

export interface StoredExample {
  readonly seq: number;
  readonly id: string;
  readonly input: number;
  readonly digest: string;
  readonly text: string | null;
  readonly target: Target;
  readonly split: Split | null;
  readonly source: ExampleView["source"];
  readonly block: number;
  readonly slot: number;
  readonly created_at: number;
  readonly updated_at: number;
}

type ComparedRow = Pick<StoredExample, "id" | "input" | "digest" | "target" | "split">;

/** An example to insert or to change, with the ids of its input and labels. */
export interface ExampleWrite extends TargetColumns {
  readonly id: string;
  readonly input: number;
  readonly split: Split | null;
}

/** A row of SQLite, with its target in columns. */
type Stored<Row> = Record<string, SqlStorageValue> & Omit<Row, "target"> & StoredTarget;

const COLUMNS = `seq, examples.id AS id, input, digest, text, ${TARGET_COLUMNS}, split, source, block, slot, created_at, updated_at`;
const JOINS = "JOIN inputs ON inputs.id = input LEFT JOIN labels ON labels.id = examples.label";
const SELECT = `SELECT ${COLUMNS} FROM examples ${JOINS}`;

/** The order in which a list reads examples. */
interface Walk {
  readonly tables: string;
  /** The column of the cursor. */
  readonly place: string;
  /** A condition that an index can answer, and its values. */
  readonly of: string;
  readonly values: readonly (string | number)[];
  readonly select: string;
}

interface Window {
  readonly place: number;
  readonly end: number | null;
  readonly most: number;
}

export class ExampleTable {
  readonly #sql: SqlStorage;
  readonly #task: Task;

  constructor(sql: SqlStorage, task: Task) {
    this.#sql = sql;
    this.#task = task;
  }

  #read<Row>(stored: readonly (Omit<Row, "target"> & StoredTarget)[]) {
    const targetOf = targetReader(this.#sql, stored);
    return stored.map((row) => ({ ...row, target: targetOf(row) }));
  }

  get(id: string): StoredExample | null {
    const rows = this.#sql.exec<Stored<StoredExample>>(`${SELECT} WHERE examples.id = ?`, id).toArray();
    return this.#read<StoredExample>(rows)[0] ?? null;
  }

  /** The fields of stored examples that an upload compares, without text. */
  byIds(ids: readonly string[]): Map<string, ComparedRow> {
    const query = `SELECT examples.id AS id, input, digest, ${TARGET_COLUMNS}, split FROM examples ${JOINS}
      WHERE examples.id IN (SELECT value FROM json_each(?))`;
    const rows = selectByKeys<Stored<ComparedRow>>(this.#sql, query, ids);
    return new Map(this.#read<ComparedRow>(rows).map((row) => [row.id, row]));
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
    const walk = this.#walkOf(filter);
    const isSearch = filter.split !== undefined || filter.q !== undefined;
    const found: Stored<StoredExample>[] = [];
    for (let place = numberCursor(filter, 0); ; ) {
      const end = isSearch ? this.#windowEnd(walk, place) : null;
      found.push(...this.#search(walk, filter, { place, end, most: rowsToRead(filter) - found.length }));
      if (end === null || found.length === rowsToRead(filter)) break;
      place = end;
      await turns.take();
    }
    return pageOfRows(this.#read<StoredExample>(found), filter, ({ seq }) => seq, view);
  }

  /** Uses an index on the label and the order, so that a page reads no more rows than it returns. */
  #walkOf({ label }: ExampleFilter): Walk {
    const { byLabel } = TARGET_STORAGE[targetFieldOf(this.#task)];
    const { tables, label: column, seq: place } = label === undefined ? ALL_EXAMPLES : byLabel;
    const walk = { tables: `${tables} ${JOINS}`, place, select: "SELECT" };
    if (label === undefined) return { ...walk, of: "", values: [] };
    const ids = new LabelTable(this.#sql).idsLike(label);
    if (ids.length <= 1) return { ...walk, of: `AND ${column} = ?`, values: [ids[0] ?? NO_SUCH_LABEL] };
    // The index of one label gives its rows in order. Rows of several spellings are sorted, and may be found twice.
    const of = `AND ${column} IN (SELECT value FROM json_each(?))`;
    return { ...walk, of, values: [JSON.stringify(ids)], select: "SELECT DISTINCT" };
  }

  /** The last row of the window that begins after `place`; null if no rows are left after this window. */
  #windowEnd({ tables, place: column, of, values }: Walk, place: number): number | null {
    const query = `SELECT ${column} AS place, octet_length(text) AS bytes FROM ${tables} WHERE ${column} > ? ${of} ORDER BY ${column}`;
    let [rows, bytes] = [0, 0];
    for (const row of this.#sql.exec<{ place: number; bytes: number | null }>(query, place, ...values)) {
      rows++;
      bytes += row.bytes ?? 0;
      if (rows >= WINDOW_ROWS || bytes >= WINDOW_BYTES) return row.place;
    }
    return null;
  }

  #search(
    { tables, place: column, of, values, select }: Walk,
    filter: ExampleFilter,
    window: Window,
  ): Stored<StoredExample>[] {
    const conditions = [`${column} > ? ${of}`];
    const bound: (string | number)[] = [window.place, ...values];
    const and = (condition: string, value: string | number | null | undefined): void => {
      if (value === undefined || value === null) return;
      conditions.push(condition);
      bound.push(value);
    };
    and(`${column} <= ?`, window.end);
    and("split = ?", filter.split);
    // PLATFORM: a LIKE pattern may have 50 bytes at most, and ends at a NUL; instr has neither limit.
    and("instr(lower(text), lower(?)) > 0", filter.q);
    const query = `${select} ${COLUMNS} FROM ${tables} WHERE ${conditions.join(" AND ")} ORDER BY ${column} LIMIT ?`;
    return this.#sql.exec<Stored<StoredExample>>(query, ...bound, window.most).toArray();
  }

  /**
   * Rows after `seq`, oldest first, with the places of their features: at most `limit` rows, and only until texts and labels
   * reach `chars` characters.
   */
  after(seq: number, limit: number, chars: number): StoredExample[] {
    const query = `${SELECT} WHERE seq > ? ORDER BY seq LIMIT ?`;
    const cursor = this.#sql.exec<Stored<StoredExample>>(query, seq, limit);
    const stored = untilFull(cursor, chars, ({ text }) => text?.length ?? 0);
    return untilFull(this.#read<StoredExample>(stored), chars, charsOf);
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

const NO_SUCH_LABEL = -1;

/** Most rows, and bytes of text, that a search reads between two turns of the event loop: a few milliseconds. */
const [WINDOW_ROWS, WINDOW_BYTES] = [2_000, 512 * 1024];

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
