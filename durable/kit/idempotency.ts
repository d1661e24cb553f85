// Answers kept for a repeated Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07).
import type { IdempotencyVerdict, StoredAnswer } from "../../src/contract/rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { ChunkTable } from "./chunks.ts";

export const IDEMPOTENCY_SCHEMA = `
CREATE TABLE idempotency (
  key TEXT PRIMARY KEY, claimed_at INTEGER NOT NULL, fingerprint TEXT, status INTEGER, headers TEXT
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (claimed_at);
`;

const LIFE_MS = LIMITS.idempotencyHours * 3_600_000;
const LEASE_MS = LIMITS.idempotencyLeaseSeconds * 1_000;

type Row = { claimed_at: number; fingerprint: string | null; status: number | null; headers: string | null };

const bodyOwner = (key: string): string => `answer/${key}`;

export class IdempotencyTable {
  readonly #sql: SqlStorage;
  readonly #chunks: ChunkTable;

  constructor(sql: SqlStorage, chunks: ChunkTable) {
    this.#sql = sql;
    this.#chunks = chunks;
  }

  /** Claims the key, or tells what became of the request that did. A claim whose request died lapses after its lease. */
  claim(key: string, now: number): IdempotencyVerdict {
    this.#forgetOlderThan(now - LIFE_MS);
    const row = this.#sql.exec<Row>("SELECT * FROM idempotency WHERE key = ?", key).toArray()[0];
    if (row && row.fingerprint !== null)
      return { kind: "answered", fingerprint: row.fingerprint, answer: this.#answer(key, row) };
    if (row && row.claimed_at > now - LEASE_MS) return { kind: "running" };
    this.#sql.exec("INSERT OR REPLACE INTO idempotency (key, claimed_at) VALUES (?, ?)", key, now);
    return { kind: "run" };
  }

  keep(key: string, fingerprint: string, { status, headers, body }: StoredAnswer, now: number): void {
    const insert = "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)";
    this.#sql.exec(insert, key, now, fingerprint, status, JSON.stringify(headers));
    this.#chunks.put(bodyOwner(key), body);
  }

  drop(key: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ?", key);
    this.#chunks.remove(bodyOwner(key));
  }

  #answer(key: string, { status, headers }: Row): StoredAnswer {
    const body = this.#chunks.get(bodyOwner(key)) ?? new Uint8Array();
    return { status: status ?? 500, headers: JSON.parse(headers ?? "{}") as Record<string, string>, body };
  }

  #forgetOlderThan(time: number): void {
    const old = this.#sql.exec<{ key: string }>("SELECT key FROM idempotency WHERE claimed_at < ?", time).toArray();
    for (const { key } of old) this.drop(key);
  }
}
