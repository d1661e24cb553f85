// Finds examples by a filter, a page at a time.
import type { ExampleFilter } from "../../src/contract/examples.ts";
import { type Task, targetFieldOf } from "../../src/contract/tasks.ts";
import type { Turns } from "../../src/core/turns.ts";
import { numberCursor, rowsToRead } from "../kit/pages.ts";
import { COLUMNS, JOINS, type Stored, type StoredExample } from "./example-rows.ts";
import { LabelTable } from "./labels.ts";
import { ALL_EXAMPLES, TARGET_STORAGE } from "./targets.ts";

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

const NO_SUCH_LABEL = -1;

/** Most rows, and bytes of text, that a search reads between two turns of the event loop: a few milliseconds. */
const [WINDOW_ROWS, WINDOW_BYTES] = [2_000, 512 * 1024];

export class ExampleSearch {
  readonly #sql: SqlStorage;
  readonly #task: Task;

  constructor(sql: SqlStorage, task: Task) {
    this.#sql = sql;
    this.#task = task;
  }

  /** The rows of a page, and one more if there are any. Filters without an index search in windows of rows. */
  async find(filter: ExampleFilter, turns: Turns): Promise<Stored<StoredExample>[]> {
    const walk = this.#walkOf(filter);
    const isSearch = filter.split !== undefined || filter.q !== undefined;
    const found: Stored<StoredExample>[] = [];
    for (let place = numberCursor(filter, 0); ; ) {
      const end = isSearch ? this.#windowEnd(walk, place) : null;
      found.push(...this.#search(walk, filter, { place, end, most: rowsToRead(filter) - found.length }));
      if (end === null || found.length === rowsToRead(filter)) return found;
      place = end;
      await turns.take();
    }
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
}
