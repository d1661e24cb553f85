// The location of each source's head, for the addresses of webhooks. It is only a route; the head's object decides.
import type { SourceRoute } from "../../src/contract/tenant-rpc.ts";

export const SOURCE_ROUTES_SCHEMA = `
CREATE TABLE source_routes (source TEXT PRIMARY KEY, tenant TEXT NOT NULL, space TEXT NOT NULL, head TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX source_routes_by_head ON source_routes (tenant, space, head);
`;

/** The generation of the head's object. */
export const SOURCE_ROUTES_GENERATION = "ALTER TABLE source_routes ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;";

type Row = { tenant: string; space: string; head: string; generation: number };

export class SourceRouteTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(source: string, { tenant, space, head, generation }: SourceRoute): void {
    const insert =
      "INSERT OR REPLACE INTO source_routes (source, tenant, space, head, generation) VALUES (?, ?, ?, ?, ?)";
    this.#sql.exec(insert, source, tenant, space, head, generation);
  }

  get(source: string): SourceRoute | null {
    const query = "SELECT tenant, space, head, generation FROM source_routes WHERE source = ?";
    return this.#sql.exec<Row>(query, source).toArray()[0] ?? null;
  }

  remove(source: string): void {
    this.#sql.exec("DELETE FROM source_routes WHERE source = ?", source);
  }

  /** Deletes the routes of one head, or of every head in the tenant's space. */
  removeOf({ tenant, space }: Pick<SourceRoute, "tenant" | "space">, head: string | null): void {
    const remove = "DELETE FROM source_routes WHERE tenant = ?1 AND space = ?2 AND (?3 IS NULL OR head = ?3)";
    this.#sql.exec(remove, tenant, space, head);
  }
}
