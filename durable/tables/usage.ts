// Usage of a tenant: counts by day and head, and the totals of each head since its creation.
import type { Page } from "../../src/contract/common.ts";
import type { Counts, HeadReport, UsageQuery, UsageRow } from "../../src/contract/usage.ts";
import { pageOfRows, rowsToRead, strangeCursor } from "../kit/pages.ts";

/** Head "" stands for requests without a head. */
export const USAGE_SCHEMA = `
CREATE TABLE usage (
  day TEXT NOT NULL, head TEXT NOT NULL, requests INTEGER NOT NULL DEFAULT 0, inputs INTEGER NOT NULL DEFAULT 0,
  examples INTEGER NOT NULL DEFAULT 0, training_seconds REAL NOT NULL DEFAULT 0, storage_bytes INTEGER NOT NULL,
  PRIMARY KEY (day, head)
) WITHOUT ROWID;
CREATE TABLE head_totals (
  head TEXT PRIMARY KEY, training_seconds REAL NOT NULL, storage_bytes INTEGER NOT NULL
) WITHOUT ROWID;
`;

type Totals = { training_seconds: number; storage_bytes: number };
type Row = Omit<UsageRow, "head"> & { head: string };

const NO_TOTALS: Totals = { training_seconds: 0, storage_bytes: 0 };

export class UsageTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  count(day: string, head: string, { requests, inputs, examples }: Counts): void {
    this.#open(day, head);
    const add = `UPDATE usage SET requests = requests + ?, inputs = inputs + ?, examples = examples + ?
      WHERE day = ? AND head = ?`;
    this.#sql.exec(add, requests, inputs, examples, day, head);
  }

  /** Stores the totals of a head. Training since its last report counts for `day`. */
  report(day: string, { head, trainedSeconds, storageBytes }: HeadReport): void {
    const trained = Math.max(0, trainedSeconds - this.#totals(head).training_seconds);
    this.#sql.exec("INSERT OR REPLACE INTO head_totals VALUES (?, ?, ?)", head, trainedSeconds, storageBytes);
    this.#open(day, head);
    const add = `UPDATE usage SET training_seconds = training_seconds + ?, storage_bytes = ?
      WHERE day = ? AND head = ?`;
    this.#sql.exec(add, trained, storageBytes, day, head);
  }

  trainedSeconds(day: string): number {
    const query = "SELECT total(training_seconds) AS n FROM usage WHERE day = ?";
    return this.#sql.exec<{ n: number }>(query, day).one().n;
  }

  /** Bytes of all existing heads. */
  storageBytes(): number {
    return this.#sql.exec<{ n: number }>("SELECT total(storage_bytes) AS n FROM head_totals").one().n;
  }

  /** A new head with the same id begins at zero. */
  forgetTotals(head: string): void {
    this.#sql.exec("DELETE FROM head_totals WHERE head = ?", head);
  }

  /** Days from `from` to `to`, both included. */
  list(from: string, to: string, { head, ...page }: UsageQuery): Page<UsageRow> {
    const after = cursorOf(page.after);
    const query = `SELECT * FROM usage WHERE (day, head) > (?, ?) AND day >= ? AND day <= ? AND head = coalesce(?, head)
      ORDER BY day, head LIMIT ?`;
    const rows = this.#sql.exec<Row>(query, ...after, from, to, head ?? null, rowsToRead(page)).toArray();
    return pageOfRows(rows, page, (row) => `${row.day}/${row.head}`, viewOfRow);
  }

  prune(before: string): void {
    this.#sql.exec("DELETE FROM usage WHERE day < ?", before);
  }

  #open(day: string, head: string): void {
    const insert = "INSERT OR IGNORE INTO usage (day, head, storage_bytes) VALUES (?, ?, ?)";
    this.#sql.exec(insert, day, head, this.#totals(head).storage_bytes);
  }

  #totals(head: string): Totals {
    const query = "SELECT training_seconds, storage_bytes FROM head_totals WHERE head = ?";
    return this.#sql.exec<Totals>(query, head).toArray()[0] ?? NO_TOTALS;
  }
}

const viewOfRow = ({ day, head, ...counts }: Row): UsageRow => ({ day, head: head === "" ? null : head, ...counts });

/** The row of a cursor, or a row before all others. */
function cursorOf(after: string | undefined): [day: string, head: string] {
  if (after === undefined) return ["", ""];
  const match = /^(\d{4}-\d\d-\d\d)\/([a-z0-9-]*)$/.exec(after);
  if (match) return [match[1] as string, match[2] as string];
  throw strangeCursor();
}
