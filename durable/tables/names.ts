// A set of slugs, listed in order: the heads of a tenant, the tenants of a directory.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import { pageOfRows, rowsToRead, slugCursor } from "../kit/pages.ts";

export const NAMES_SCHEMA = "CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID;";

export class NameTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(name: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO names VALUES (?)", name);
  }

  has(name: string): boolean {
    return this.#sql.exec("SELECT 1 FROM names WHERE name = ?", name).toArray().length > 0;
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM names").one().n;
  }

  all(): string[] {
    return this.#sql
      .exec<{ name: string }>("SELECT name FROM names ORDER BY name")
      .toArray()
      .map(({ name }) => name);
  }

  list(page: PageQuery): Page<string> {
    const query = "SELECT name FROM names WHERE name > ? ORDER BY name LIMIT ?";
    const rows = this.#sql.exec<{ name: string }>(query, slugCursor(page), rowsToRead(page)).toArray();
    return pageOfRows(
      rows,
      page,
      ({ name }) => name,
      ({ name }) => name,
    );
  }

  remove(name: string): void {
    this.#sql.exec("DELETE FROM names WHERE name = ?", name);
  }
}
