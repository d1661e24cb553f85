// Endpoints of a tenant. Their secrets are stored in the clear, because signing needs them.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { DisabledReason, EndpointView } from "../../src/contract/endpoints.ts";
import { timestamp } from "../../src/core/clock.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";

export const ENDPOINTS_SCHEMA = `
CREATE TABLE endpoints (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, events TEXT NOT NULL, description TEXT,
  secret TEXT NOT NULL, old_secret TEXT, old_secret_until INTEGER, disabled TEXT, failing_since INTEGER,
  last_ms INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL
);
`;

type Row = {
  seq: number;
  id: string;
  url: string;
  events: string;
  description: string | null;
  secret: string;
  old_secret: string | null;
  old_secret_until: number | null;
  disabled: DisabledReason | null;
  failing_since: number | null;
  last_ms: number;
  created_at: number;
};

/** The settings of an endpoint that a caller decides. */
export interface EndpointSettings {
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  readonly disabled: DisabledReason | null;
}

/** The result of its last attempt. */
export interface EndpointHealth {
  readonly failingSince: number | null;
  readonly lastMs: number;
}

export interface Endpoint extends EndpointSettings, EndpointHealth {
  readonly id: string;
  readonly createdAt: number;
}

export class EndpointTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(id: string, { url, events, description }: EndpointSettings, secret: string, now: number): Endpoint {
    const insert =
      "INSERT INTO endpoints (id, url, events, description, secret, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *";
    return endpointOf(this.#sql.exec<Row>(insert, id, url, JSON.stringify(events), description, secret, now).one());
  }

  get(id: string): Endpoint | null {
    const row = this.#row(id);
    return row && endpointOf(row);
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM endpoints").one().n;
  }

  list(page: PageQuery): Page<EndpointView> {
    const query = "SELECT * FROM endpoints WHERE seq > ? ORDER BY seq LIMIT ?";
    const rows = this.#sql.exec<Row>(query, numberCursor(page, 0), rowsToRead(page)).toArray();
    return pageOfRows(
      rows,
      page,
      ({ seq }) => seq,
      (row) => viewOfEndpoint(endpointOf(row)),
    );
  }

  enabled(): Endpoint[] {
    return this.#sql.exec<Row>("SELECT * FROM endpoints WHERE disabled IS NULL ORDER BY seq").toArray().map(endpointOf);
  }

  set(id: string, { url, events, description, disabled }: EndpointSettings): void {
    const update = "UPDATE endpoints SET url = ?, events = ?, description = ?, disabled = ? WHERE id = ?";
    this.#sql.exec(update, url, JSON.stringify(events), description, disabled, id);
  }

  note(id: string, { failingSince, lastMs }: EndpointHealth): void {
    this.#sql.exec("UPDATE endpoints SET failing_since = ?, last_ms = ? WHERE id = ?", failingSince, lastMs, id);
  }

  disable(id: string, reason: DisabledReason): void {
    this.#sql.exec("UPDATE endpoints SET disabled = ? WHERE id = ?", reason, id);
  }

  /** Replaces the secret. The old one also signs until `until`; an even older one no longer does. */
  rotate(id: string, secret: string, until: number): void {
    const update = "UPDATE endpoints SET old_secret = secret, old_secret_until = ?, secret = ? WHERE id = ?";
    this.#sql.exec(update, until, secret, id);
  }

  /** All secrets that sign now, the newest first. */
  secrets(id: string, now: number): string[] {
    const row = this.#row(id);
    if (!row) return [];
    const { secret, old_secret: old, old_secret_until: until } = row;
    return old !== null && until !== null && until > now ? [secret, old] : [secret];
  }

  /** Returns whether it existed. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM endpoints WHERE id = ? RETURNING 1", id).toArray().length > 0;
  }

  #row(id: string): Row | null {
    return this.#sql.exec<Row>("SELECT * FROM endpoints WHERE id = ?", id).toArray()[0] ?? null;
  }
}

const endpointOf = (row: Row): Endpoint => ({
  id: row.id,
  url: row.url,
  events: JSON.parse(row.events) as string[],
  description: row.description,
  disabled: row.disabled,
  failingSince: row.failing_since,
  lastMs: row.last_ms,
  createdAt: row.created_at,
});

export const viewOfEndpoint = ({ createdAt, failingSince, disabled, ...endpoint }: Endpoint): EndpointView => ({
  id: endpoint.id,
  url: endpoint.url,
  events: [...endpoint.events],
  description: endpoint.description,
  disabled: disabled !== null,
  disabled_reason: disabled,
  failing_since: failingSince === null ? null : timestamp(failingSince),
  created_at: timestamp(createdAt),
});
