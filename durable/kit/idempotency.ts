// Stores responses for repeated Idempotency-Keys (draft-ietf-httpapi-idempotency-key-header-07).
import type { IdempotencyClaim, IdempotencyVerdict, StoredAnswer } from "../../src/contract/idempotency-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { ChunkTable } from "./chunks.ts";

export const IDEMPOTENCY_SCHEMA = `
CREATE TABLE idempotency (
  key TEXT PRIMARY KEY, claimed_at INTEGER NOT NULL, fingerprint TEXT, status INTEGER, headers TEXT
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (claimed_at);
`;

/** Added by a later migration. Names the request that made a claim: only that request stores or drops its answer. */
export const IDEMPOTENCY_OWNERS = "ALTER TABLE idempotency ADD COLUMN owner TEXT;";

/** A later migration: the bytes of each answer, so that the total can be limited. */
export const IDEMPOTENCY_BYTES = `
ALTER TABLE idempotency ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE idempotency SET bytes = (SELECT total(length(data)) FROM chunks WHERE owner = 'answer/' || key);
`;

/** Estimated bytes of a row beside key, headers and body: fingerprint, owner, times, and entries in two B-trees. */
const ROW_BYTES = 200;

const LIFE_MS = LIMITS.idempotencyHours * 3_600_000;
const LEASE_MS = LIMITS.idempotencyLeaseSeconds * 1_000;

/** Expired answers that each claim deletes at most, and bytes after which it deletes no more: a few milliseconds. */
const [EXPIRED_AT_ONCE, EXPIRED_BYTES_AT_ONCE] = [100, 1 << 20];

/** Answers deleted in one statement. */
const FORGOTTEN_AT_ONCE = 500;

type Stored = { key: string; bytes: number };

type Row = Stored & {
  claimed_at: number;
  fingerprint: string | null;
  status: number | null;
  headers: string | null;
};

/** Selects an open claim of its owner. */
const OWNED = "key = ? AND owner = ? AND fingerprint IS NULL";

const bodyOwner = (key: string): string => `answer/${key}`;

/** The first rows that together have at least `bytes`; all rows if they have less. */
function firstOf(rows: readonly Stored[], bytes: number): readonly Stored[] {
  let sum = 0;
  const last = rows.findIndex((row) => {
    sum += row.bytes;
    return sum >= bytes;
  });
  return last < 0 ? rows : rows.slice(0, last + 1);
}

export class IdempotencyTable {
  readonly #sql: SqlStorage;
  readonly #chunks: ChunkTable;
  /** Bytes of all answers; null until first used. */
  #bytes: number | null = null;

  constructor(sql: SqlStorage, chunks: ChunkTable) {
    this.#sql = sql;
    this.#chunks = chunks;
  }

  /**
   * Claims the key for `owner`; or returns the state of the request that claimed it before. A claim expires unless it is renewed.
   */
  claim({ key, owner }: IdempotencyClaim, now: number): IdempotencyVerdict {
    this.#forgetSomeOlderThan(now - LIFE_MS);
    const row = this.#rowSince(now - LIFE_MS, key);
    if (row && row.fingerprint !== null)
      return { kind: "answered", fingerprint: row.fingerprint, answer: this.#answer(key, row) };
    if (row && row.claimed_at > now - LEASE_MS) return { kind: "running" };
    this.#sql.exec("INSERT OR REPLACE INTO idempotency (key, claimed_at, owner) VALUES (?, ?, ?)", key, now, owner);
    return { kind: "run" };
  }

  /** Extends the owner's claim while its request runs. */
  renew({ key, owner }: IdempotencyClaim, now: number): void {
    this.#sql.exec(`UPDATE idempotency SET claimed_at = ? WHERE ${OWNED}`, now, key, owner);
  }

  /** Stores the owner's answer. Does nothing if the claim has expired and another request has taken it. */
  keep(
    { key, owner }: IdempotencyClaim,
    fingerprint: string,
    { status, headers, body }: StoredAnswer,
    now: number,
  ): void {
    const headersJson = JSON.stringify(headers);
    const bytes = body.byteLength + headersJson.length + 2 * key.length + ROW_BYTES;
    if (!this.#isOpen(key, owner)) return;
    this.#chunks.put(bodyOwner(key), body); // first: if the storage is full, no answer may be stored without its body
    const update = `UPDATE idempotency SET claimed_at = ?, fingerprint = ?, status = ?, headers = ?, bytes = ? WHERE ${OWNED}`;
    this.#sql.exec(update, now, fingerprint, status, headersJson, bytes, key, owner);
    if (this.#bytes !== null) this.#bytes += bytes;
    this.#forgetBeyond(LIMITS.ledgerBytes);
  }

  #isOpen(key: string, owner: string): boolean {
    return this.#sql.exec(`SELECT 1 FROM idempotency WHERE ${OWNED}`, key, owner).toArray().length > 0;
  }

  /** Bytes of all stored answers. */
  bytes(): number {
    this.#bytes ??= this.#sql.exec<{ n: number }>("SELECT total(bytes) AS n FROM idempotency").one().n;
    return this.#bytes;
  }

  drop({ key, owner }: IdempotencyClaim): void {
    this.#sql.exec(`DELETE FROM idempotency WHERE ${OWNED}`, key, owner);
  }

  /** The row of a key; null if there is none. Deletes a row from before `time`. */
  #rowSince(time: number, key: string): Row | null {
    const row = this.#sql.exec<Row>("SELECT * FROM idempotency WHERE key = ?", key).toArray()[0];
    if (row && row.claimed_at < time) this.#forget([row]);
    return row && row.claimed_at >= time ? row : null;
  }

  #answer(key: string, { status, headers }: Row): StoredAnswer {
    const body = this.#chunks.get(bodyOwner(key)) ?? new Uint8Array();
    return { status: status ?? 500, headers: JSON.parse(headers ?? "{}") as Record<string, string>, body };
  }

  #forgetSomeOlderThan(time: number): void {
    const oldest = "SELECT key, bytes FROM idempotency WHERE claimed_at < ? ORDER BY claimed_at LIMIT ?";
    const rows = this.#sql.exec<Stored>(oldest, time, EXPIRED_AT_ONCE).toArray();
    if (rows.length > 0) this.#forget(firstOf(rows, EXPIRED_BYTES_AT_ONCE));
  }

  /** Deletes the oldest answers until the rest fit into `most` bytes: a large answer may replace thousands of small ones. */
  #forgetBeyond(most: number): void {
    const oldest = "SELECT key, bytes FROM idempotency WHERE fingerprint IS NOT NULL ORDER BY claimed_at LIMIT ?";
    for (let excess = this.bytes() - most; excess > 0; excess = this.bytes() - most) {
      const rows = this.#sql.exec<Stored>(oldest, FORGOTTEN_AT_ONCE).toArray();
      if (rows.length === 0) return;
      this.#forget(firstOf(rows, excess));
    }
  }

  #forget(rows: readonly Stored[]): void {
    const keys = rows.map(({ key }) => key);
    this.#sql.exec("DELETE FROM idempotency WHERE key IN (SELECT value FROM json_each(?))", JSON.stringify(keys));
    this.#chunks.removeAll(keys.map(bodyOwner));
    if (this.#bytes !== null) this.#bytes -= rows.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
