// Events that a head still has to report to its tenant, written in the transaction of their change.
import type { EventType, OutgoingEvent } from "../../src/contract/events.ts";

export const OUTBOX_SCHEMA = `
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL
);
`;

type Row = { id: string; type: EventType; data: string; at: number };

export class OutboxTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ id, type, data, at }: OutgoingEvent): void {
    const insert = "INSERT INTO outbox (id, type, data, at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, id, type, JSON.stringify(data), at);
  }

  /** The oldest ones, in order. */
  first(limit: number): OutgoingEvent[] {
    const rows = this.#sql.exec<Row>("SELECT id, type, data, at FROM outbox ORDER BY seq LIMIT ?", limit).toArray();
    return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as OutgoingEvent["data"] }));
  }

  remove(events: readonly OutgoingEvent[]): void {
    const ids = JSON.stringify(events.map(({ id }) => id));
    this.#sql.exec("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", ids);
  }
}
