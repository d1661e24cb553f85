// Keys of a tenant, by the SHA-256 of their secret.
import type { Page, PageQuery, Scope } from "../../src/contract/common.ts";
import { SCOPES } from "../../src/contract/common.ts";
import type { KeyView } from "../../src/contract/keys.ts";
import type { Principal } from "../../src/contract/tenant-rpc.ts";
import { timestamp } from "../../src/core/clock.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";

export const KEYS_SCHEMA = `
CREATE TABLE keys (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, name TEXT,
  scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER
);
`;

/** A separate rate limit, within the tenant's. */
export const KEY_RATES_SCHEMA = "ALTER TABLE keys ADD COLUMN requests_per_minute INTEGER;";

type Row = {
  seq: number;
  id: string;
  name: string | null;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  requests_per_minute: number | null;
};

export interface NewKeyRow {
  readonly id: string;
  readonly name: string | null;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly requestsPerMinute: number | null;
}

export class KeyTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ id, name, scopes, createdAt, expiresAt, requestsPerMinute }: NewKeyRow, hash: string): KeyView {
    const insert = `INSERT INTO keys (id, hash, name, scopes, created_at, expires_at, requests_per_minute)
      VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *`;
    const values = [id, hash, name, JSON.stringify(scopes), createdAt, expiresAt, requestsPerMinute];
    return viewOfKey(this.#sql.exec<Row>(insert, ...values).one());
  }

  /** A stored key that has not expired, with the widest of its scopes. */
  find(hash: string, now: number): { readonly scope: Scope; readonly key: Principal["key"] } | null {
    const query = "SELECT * FROM keys WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)";
    const row = this.#sql.exec<Row>(query, hash, now).toArray()[0];
    if (!row) return null;
    const scopes = JSON.parse(row.scopes) as Scope[];
    const scope = SCOPES.findLast((one) => scopes.includes(one));
    const { id, expires_at: expiresAt, requests_per_minute: requestsPerMinute } = row;
    return scope ? { scope, key: { id, expiresAt, requestsPerMinute } } : null;
  }

  /** The key's own limit of requests per minute; none once it is revoked. */
  rateOf(id: string): number {
    const query = "SELECT requests_per_minute AS rate FROM keys WHERE id = ?";
    return this.#sql.exec<{ rate: number | null }>(query, id).toArray()[0]?.rate ?? 0;
  }

  /** Keys that have not expired. */
  count(now: number): number {
    const query = "SELECT count(*) AS n FROM keys WHERE expires_at IS NULL OR expires_at > ?";
    return this.#sql.exec<{ n: number }>(query, now).one().n;
  }

  list(page: PageQuery): Page<KeyView> {
    const query = "SELECT * FROM keys WHERE seq > ? ORDER BY seq LIMIT ?";
    const rows = this.#sql.exec<Row>(query, numberCursor(page, 0), rowsToRead(page)).toArray();
    return pageOfRows(rows, page, ({ seq }) => seq, viewOfKey);
  }

  /** Returns whether it existed. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM keys WHERE id = ? RETURNING 1", id).toArray().length > 0;
  }
}

const viewOfKey = ({ id, name, scopes, created_at, expires_at, requests_per_minute }: Row): KeyView => ({
  id,
  name,
  scopes: JSON.parse(scopes) as Scope[],
  created_at: timestamp(created_at),
  expires_at: expires_at === null ? null : timestamp(expires_at),
  requests_per_minute,
});
