// Deliveries to endpoints and their state: one row per event and endpoint. A row waits (due_at), is being sent (started_at) or
// is finished (neither). An attempt that a dead runtime began is not counted, and is repeated.
import type { Page } from "../../src/contract/common.ts";
import type { DeliveryStatus, EndpointDeliveriesQuery, EndpointDelivery } from "../../src/contract/endpoints.ts";
import { DAY_MS, timestamp } from "../../src/core/clock.ts";
import { DELIVERY } from "../../src/core/limits.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";

export const DELIVERIES_OUT_SCHEMA = `
CREATE TABLE deliveries_out (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, event TEXT NOT NULL,
  type TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, started_at INTEGER, code INTEGER, answer TEXT, error TEXT, duration_ms INTEGER, created_at INTEGER NOT NULL,
  UNIQUE (endpoint, event)
);
CREATE INDEX deliveries_out_by_endpoint ON deliveries_out (endpoint, seq);
CREATE INDEX deliveries_out_due ON deliveries_out (endpoint, due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_out_started ON deliveries_out (seq) WHERE started_at IS NOT NULL;
CREATE INDEX deliveries_out_by_age ON deliveries_out (created_at);
`;

type Row = {
  seq: number;
  id: string;
  endpoint: string;
  event: string;
  type: string;
  body: string;
  status: DeliveryStatus;
  attempts: number;
  due_at: number | null;
  started_at: number | null;
  code: number | null;
  answer: string | null;
  error: string | null;
  duration_ms: number | null;
  created_at: number;
};

export interface NewDelivery {
  readonly id: string;
  readonly endpoint: string;
  readonly event: string;
  readonly type: string;
  readonly body: string;
}

export interface Delivery extends NewDelivery {
  /** Attempts with a result. */
  readonly attempts: number;
}

export interface AttemptResult {
  readonly status: DeliveryStatus;
  readonly dueAt: number | null;
  readonly code: number | null;
  readonly answer: string | null;
  readonly error: string | null;
  readonly durationMs: number;
}

export class OutboundDeliveryTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds a delivery that is due at once. Does nothing if the endpoint already has a delivery of the event. */
  add({ id, endpoint, event, type, body }: NewDelivery, now: number): void {
    const insert = `INSERT INTO deliveries_out (id, endpoint, event, type, body, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (endpoint, event) DO NOTHING`;
    this.#sql.exec(insert, id, endpoint, event, type, body, now, now);
  }

  get(endpoint: string, id: string): EndpointDelivery | null {
    const query = "SELECT * FROM deliveries_out WHERE endpoint = ? AND id = ?";
    const row = this.#sql.exec<Row>(query, endpoint, id).toArray()[0];
    return row ? viewOfDelivery(row) : null;
  }

  list(endpoint: string, { status, ...page }: EndpointDeliveriesQuery): Page<EndpointDelivery> {
    const query = `SELECT * FROM deliveries_out WHERE endpoint = ? AND seq < ? AND (? IS NULL OR status = ?)
      ORDER BY seq DESC LIMIT ?`;
    const [before, wanted] = [numberCursor(page, Number.MAX_SAFE_INTEGER), status ?? null];
    const rows = this.#sql.exec<Row>(query, endpoint, before, wanted, wanted, rowsToRead(page)).toArray();
    return pageOfRows(rows, page, ({ seq }) => seq, viewOfDelivery);
  }

  /** The due time of the first waiting delivery of `endpoint`. */
  dueAt(endpoint: string): number | null {
    const query = "SELECT min(due_at) AS at FROM deliveries_out WHERE endpoint = ? AND due_at IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query, endpoint).one().at;
  }

  /** Marks the delivery of `endpoint` that has been due longest as being sent. */
  claim(endpoint: string, now: number): Delivery | null {
    const claim = `UPDATE deliveries_out SET due_at = NULL, started_at = ? WHERE seq = (
      SELECT seq FROM deliveries_out WHERE endpoint = ? AND due_at <= ? ORDER BY due_at, seq LIMIT 1
    ) RETURNING *`;
    return this.#sql.exec<Row>(claim, now, endpoint, now).toArray()[0] ?? null;
  }

  settle(id: string, { status, dueAt, code, answer, error, durationMs }: AttemptResult): void {
    const update = `UPDATE deliveries_out SET status = ?, due_at = ?, started_at = NULL, attempts = attempts + 1, code = ?,
      answer = ?, error = ?, duration_ms = ? WHERE id = ?`;
    this.#sql.exec(update, status, dueAt, code, answer, error, durationMs, id);
  }

  /** Makes all deliveries due that were being sent by an earlier instance. */
  release(now: number): void {
    this.#sql.exec("UPDATE deliveries_out SET due_at = ?, started_at = NULL WHERE started_at IS NOT NULL", now);
  }

  /** Makes a delivery due at once, with a full schedule of attempts. Does not affect one that is being sent. */
  again(id: string, now: number): void {
    const update =
      "UPDATE deliveries_out SET status = 'pending', due_at = ?, attempts = 0 WHERE id = ? AND started_at IS NULL";
    this.#sql.exec(update, now, id);
  }

  prune(now: number): void {
    const oldest = now - DELIVERY.daysKept * DAY_MS;
    this.#sql.exec("DELETE FROM deliveries_out WHERE created_at < ?", oldest);
    const over = "seq <= (SELECT max(seq) FROM deliveries_out) - ? AND status <> 'pending'";
    this.#sql.exec(`DELETE FROM deliveries_out WHERE ${over}`, DELIVERY.kept);
  }

  removeOf(endpoint: string): void {
    this.#sql.exec("DELETE FROM deliveries_out WHERE endpoint = ?", endpoint);
  }
}

const viewOfDelivery = ({ id, event, type, status, attempts, ...row }: Row): EndpointDelivery => ({
  id,
  event,
  type,
  status,
  attempts,
  next_attempt_at: row.due_at === null ? null : timestamp(row.due_at),
  last_attempt:
    row.duration_ms === null
      ? null
      : { code: row.code, body: row.answer, error: row.error, duration_ms: row.duration_ms },
  created_at: timestamp(row.created_at),
});
