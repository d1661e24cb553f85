// Deliveries of a head's sources and their outcomes. One row per id, so that no delivery has its effect twice. Failed deliveries
// keep their payload, within limits.
import type { Page } from "../../src/contract/common.ts";
import type { DeliveryCounts, DeliveryQuery, DeliveryState, DeliveryView } from "../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../src/contract/mapping.ts";
import type { HookRequest } from "../../src/contract/source-rpc.ts";
import { DAY_MS, timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Turns } from "../../src/core/turns.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";
import { ROWS_A_TURN } from "../kit/rows.ts";

/** The stored request of a failed delivery. */
export interface KeptRequest {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: HookRequest["headers"];
}

export interface DeliveryRow {
  readonly source: string;
  readonly id: string;
  /** Digest of the signed bytes; null: the stored one stays. */
  readonly signed: string | null;
  readonly outcome: DeliveryState;
  readonly reason: DeliveryReason | null;
  readonly example: string | null;
  readonly changes: DeliveryCounts | null;
  /** The job that the delivery queued. */
  readonly job: string | null;
  readonly bytes: number;
  readonly receivedAt: number;
  /** The request of a failed delivery; null: stores none; absent: the stored one stays. */
  readonly kept?: KeptRequest | null | undefined;
}

type Stored = {
  seq: number;
  source: string;
  id: string;
  outcome: DeliveryState;
  reason: string | null;
  example: string | null;
  changes: string | null;
  job: string | null;
  attempts: number;
  bytes: number;
  has_payload: number;
  received_at: number;
};

const COLUMNS =
  "seq, source, id, outcome, reason, example, changes, job, attempts, bytes, payload IS NOT NULL AS has_payload, received_at";

export class DeliveryTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get(source: string, id: string): DeliveryView | null {
    const query = `SELECT ${COLUMNS} FROM deliveries WHERE source = ? AND id = ?`;
    const row = this.#sql.exec<Stored>(query, source, id).toArray()[0];
    return row ? viewOf(row) : null;
  }

  /** The id of the first delivery of the same signed bytes. */
  idBySigned(source: string, signed: string): string | null {
    const query = "SELECT id FROM deliveries WHERE signed = ? AND source = ? ORDER BY seq LIMIT 1";
    return this.#sql.exec<{ id: string }>(query, signed, source).toArray()[0]?.id ?? null;
  }

  kept(source: string, id: string): KeptRequest | null {
    const query = "SELECT payload, headers FROM deliveries WHERE source = ? AND id = ?";
    const row = this.#sql.exec<{ payload: ArrayBuffer | null; headers: string | null }>(query, source, id).toArray()[0];
    if (!row?.payload) return null;
    return { body: new Uint8Array(row.payload), headers: JSON.parse(row.headers ?? "[]") as KeptRequest["headers"] };
  }

  /** Writes the outcome of a delivery over its former one, and deletes rows and payloads beyond the limits. */
  put(row: DeliveryRow): void {
    const { source, id, signed, outcome, reason, example, changes, job, bytes, receivedAt, kept } = row;
    const stays = kept === undefined;
    const upsert = `INSERT INTO deliveries
      (source, id, signed, outcome, reason, example, changes, job, attempts, bytes, received_at, payload, headers)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)
      ON CONFLICT (source, id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
        example = excluded.example, changes = excluded.changes, job = excluded.job, attempts = attempts + 1,
        signed = coalesce(excluded.signed, signed),
        payload = ${stays ? "payload" : "excluded.payload"}, headers = ${stays ? "headers" : "excluded.headers"}`;
    const [because, counts] = [reason && JSON.stringify(reason), changes && JSON.stringify(changes)];
    const request = [kept?.body ?? null, kept ? JSON.stringify(kept.headers) : null];
    const values = [source, id, signed, outcome, because, example, counts, job, bytes, receivedAt, ...request];
    this.#sql.exec(upsert, ...values);
    this.#prune(receivedAt, kept !== undefined && kept !== null);
  }

  #prune(now: number, hasNewPayload: boolean): void {
    this.#sql.exec("DELETE FROM deliveries WHERE seq <= (SELECT max(seq) FROM deliveries) - ?", LIMITS.deliveriesKept);
    const expired = "SELECT seq FROM deliveries WHERE received_at < ? ORDER BY received_at LIMIT ?";
    const before = now - LIMITS.deliveryDays * DAY_MS;
    this.#sql.exec(`DELETE FROM deliveries WHERE seq IN (${expired})`, before, EXPIRED_AT_ONCE);
    if (!hasNewPayload) return;
    const ranked = `SELECT seq, row_number() OVER newest AS n, sum(length(payload)) OVER newest AS total
      FROM deliveries WHERE payload IS NOT NULL WINDOW newest AS (ORDER BY seq DESC)`;
    const drop = `UPDATE deliveries SET payload = NULL, headers = NULL WHERE seq IN (SELECT seq FROM (${ranked}) WHERE n > ? OR total > ?)`;
    this.#sql.exec(drop, LIMITS.deliveryPayloads, LIMITS.deliveryPayloadBytes);
  }

  /** A page, newest first. Looks for an outcome in windows of rows, with a turn of the event loop after each. */
  async list(source: string, { outcome, ...page }: DeliveryQuery, turns: Turns): Promise<Page<DeliveryView>> {
    const query = `SELECT ${COLUMNS} FROM deliveries
      WHERE source = ? AND seq < ? AND seq >= ? AND outcome = coalesce(?, outcome) ORDER BY seq DESC LIMIT ?`;
    const found: Stored[] = [];
    for (let before = numberCursor(page, Number.MAX_SAFE_INTEGER); ; ) {
      const end = outcome === undefined ? 0 : this.#windowEnd(source, before);
      const left = rowsToRead(page) - found.length;
      found.push(...this.#sql.exec<Stored>(query, source, before, end, outcome ?? null, left));
      if (end === 0 || found.length === rowsToRead(page)) return pageOfRows(found, page, ({ seq }) => seq, viewOf);
      before = end;
      await turns.take();
    }
  }

  /** The last row of the window that begins before `seq`; 0 for the last window. */
  #windowEnd(source: string, seq: number): number {
    const query = "SELECT seq FROM deliveries WHERE source = ? AND seq < ? ORDER BY seq DESC LIMIT 1 OFFSET ?";
    return this.#sql.exec<{ seq: number }>(query, source, seq, WINDOW_ROWS).toArray()[0]?.seq ?? 0;
  }

  redact(source: string, id: string): void {
    this.#sql.exec("UPDATE deliveries SET payload = NULL, headers = NULL WHERE source = ? AND id = ?", source, id);
  }

  /** Drops the payloads of a source, or of all, one before each time it yields: to free a megabyte, SQLite reads all of it. */
  *redactInTurns(source: string | null): Generator<void> {
    const query = `SELECT seq FROM deliveries INDEXED BY deliveries_with_payload
      WHERE source = coalesce(?, source) AND payload IS NOT NULL ORDER BY seq`;
    for (const { seq } of this.#sql.exec<{ seq: number }>(query, source).toArray()) {
      this.#sql.exec("UPDATE deliveries SET payload = NULL, headers = NULL WHERE seq = ?", seq);
      yield;
    }
  }

  /** Deletes the deliveries of a source, some before each time it yields. */
  *removeInTurns(source: string): Generator<void> {
    yield* this.redactInTurns(source);
    const some = "SELECT seq FROM deliveries WHERE source = ? LIMIT ?";
    while (this.#sql.exec(`DELETE FROM deliveries WHERE seq IN (${some})`, source, ROWS_A_TURN).rowsWritten > 0) yield;
  }
}

/** Rows in which a list looks for an outcome between two turns of the event loop: a few milliseconds. */
const WINDOW_ROWS = 2_000;

/** Expired deliveries deleted with each new one. Each may have a payload. */
const EXPIRED_AT_ONCE = 20;

const viewOf = (row: Stored): DeliveryView => ({
  id: row.id,
  outcome: row.outcome,
  reason: row.reason === null ? null : (JSON.parse(row.reason) as DeliveryReason),
  example: row.example,
  changes: row.changes === null ? null : (JSON.parse(row.changes) as DeliveryCounts),
  job: row.job,
  attempts: row.attempts,
  bytes: row.bytes,
  replayable: row.has_payload === 1,
  received_at: timestamp(row.received_at),
});
