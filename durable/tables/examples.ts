// Examples: an input, its label, its split and where it came from. Reads join the input; writes come planned.
import type { Page } from "../../src/contract/common.ts";
import type { ExampleFilter, ExampleView, Split } from "../../src/contract/examples.ts";
import { timestamp } from "../../src/core/clock.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";

export interface ExampleRow {
  readonly [column: string]: SqlStorageValue;
  readonly seq: number;
  readonly id: string;
  readonly input: number;
  readonly digest: string;
  readonly text: string | null;
  readonly label: string;
  readonly split: Split | null;
  readonly source: ExampleView["source"];
  readonly block: number;
  readonly slot: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What a training needs of an example: no text. */
export type TrainingRow = Pick<ExampleRow, "input" | "digest" | "label" | "split" | "block" | "slot">;

/** An example to insert or to change; ids of input and label are known by now. */
export interface ExampleWrite {
  readonly id: string;
  readonly input: number;
  readonly label: number;
  readonly split: Split | null;
}

const JOINED = `SELECT seq, examples.id AS id, input, digest, text, labels.name AS label, split, source, block, slot,
  created_at, updated_at FROM examples JOIN inputs ON inputs.id = input JOIN labels ON labels.id = label`;

export class ExampleTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get(id: string): ExampleRow | null {
    return this.#sql.exec<ExampleRow>(`${JOINED} WHERE examples.id = ?`, id).toArray()[0] ?? null;
  }

  byIds(ids: readonly string[]): Map<string, ExampleRow> {
    const query = `${JOINED} WHERE examples.id IN (SELECT value FROM json_each(?))`;
    return new Map(selectByKeys<ExampleRow>(this.#sql, query, ids).map((row) => [row.id, row]));
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT coalesce(sum(examples), 0) AS n FROM labels").one().n;
  }

  upsert(writes: readonly ExampleWrite[], source: ExampleView["source"], now: number): void {
    const rows = writes.map(({ id, input, label, split }) => [id, input, label, split]);
    const upsert = `INSERT INTO examples (id, input, label, split, source, created_at, updated_at)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2, ?3, ?3 FROM json_each(?1) WHERE true
      ON CONFLICT (id) DO UPDATE SET input = excluded.input, label = excluded.label, split = excluded.split,
        source = excluded.source, updated_at = excluded.updated_at`;
    inJsonBatches(rows, (json) => this.#sql.exec(upsert, json, source, now));
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM examples WHERE id = ?", id);
  }

  list(filter: ExampleFilter): Page<ExampleView> {
    const where = ["seq > ?"];
    const values: (string | number)[] = [numberCursor(filter, 0)];
    const and = (condition: string, value: string | undefined): void => {
      if (value === undefined) return;
      where.push(condition);
      values.push(value);
    };
    and("labels.name = ?", filter.label);
    and("split = ?", filter.split);
    // PLATFORM: a LIKE pattern may have 50 bytes at most, and ends at a NUL; instr has neither limit.
    and("instr(lower(text), lower(?)) > 0", filter.q);
    const query = `${JOINED} WHERE ${where.join(" AND ")} ORDER BY seq LIMIT ?`;
    const rows = this.#sql.exec<ExampleRow>(query, ...values, rowsToRead(filter)).toArray();
    return pageOfRows(rows, filter, ({ seq }) => seq, viewOfExample);
  }

  /** Rows after `seq`, oldest first, with where their features lie: `limit` of them, or as many as fill `textChars`. */
  after(seq: number, limit: number, textChars: number): ExampleRow[] {
    const rows: ExampleRow[] = [];
    let chars = 0;
    for (const row of this.#sql.exec<ExampleRow>(`${JOINED} WHERE seq > ? ORDER BY seq LIMIT ?`, seq, limit)) {
      rows.push(row);
      chars += row.text?.length ?? 0;
      if (chars >= textChars) break;
    }
    return rows;
  }

  /** Every example in the order of a training: by input digest, which no order of arrival can change. */
  inTrainingOrder(): TrainingRow[] {
    const query = `SELECT input, digest, labels.name AS label, split, block, slot FROM examples
      JOIN inputs ON inputs.id = input JOIN labels ON labels.id = label ORDER BY digest, labels.name, split, examples.id`;
    return this.#sql.exec<TrainingRow>(query).toArray();
  }
}

export function viewOfExample(row: ExampleRow): ExampleView {
  const { id, text, label, split, source, digest } = row;
  const times = { created_at: timestamp(row.created_at), updated_at: timestamp(row.updated_at) };
  return { id, ...(text === null ? {} : { text }), label, split, source, digest, ...times };
}
