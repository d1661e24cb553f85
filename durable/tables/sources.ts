// Sources of a head: their settings, their secrets, and how many deliveries in a row failed.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { DeliveryReason } from "../../src/contract/mapping.ts";
import type { SourceSecret } from "../../src/webhooks/secrets.ts";
import type { SourceSettings } from "../../src/webhooks/source.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";

export interface SourceRow {
  readonly id: string;
  readonly settings: SourceSettings;
  /** Newest first; some may have expired. */
  readonly secrets: readonly SourceSecret[];
  /** Failed deliveries since the last one that succeeded. */
  readonly failures: number;
  readonly lastFailure: (DeliveryReason & { readonly at: number }) | null;
  readonly createdAt: number;
}

type Stored = {
  seq: number;
  id: string;
  settings: string;
  secrets: string;
  failures: number;
  last_failure: string | null;
  created_at: number;
};

export class SourceTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ id, settings, secrets, createdAt }: Pick<SourceRow, "id" | "settings" | "secrets" | "createdAt">): void {
    const insert = "INSERT INTO sources (id, settings, secrets, created_at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, id, JSON.stringify(settings), JSON.stringify(secrets), createdAt);
  }

  get(id: string): SourceRow | null {
    const row = this.#sql.exec<Stored>("SELECT * FROM sources WHERE id = ?", id).toArray()[0];
    return row ? rowOf(row) : null;
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM sources").one().n;
  }

  list<View>(page: PageQuery, view: (row: SourceRow) => View): Page<View> {
    const query = "SELECT * FROM sources WHERE seq > ? ORDER BY seq LIMIT ?";
    const rows = this.#sql.exec<Stored>(query, numberCursor(page, 0), rowsToRead(page)).toArray();
    return pageOfRows(
      rows,
      page,
      ({ seq }) => seq,
      (row) => view(rowOf(row)),
    );
  }

  putSettings(id: string, settings: SourceSettings): void {
    this.#sql.exec("UPDATE sources SET settings = ? WHERE id = ?", JSON.stringify(settings), id);
  }

  putSecrets(id: string, secrets: readonly SourceSecret[]): void {
    this.#sql.exec("UPDATE sources SET secrets = ? WHERE id = ?", JSON.stringify(secrets), id);
  }

  /** Counts one more failure in a row. */
  fail(id: string, failure: NonNullable<SourceRow["lastFailure"]>): void {
    const update = "UPDATE sources SET failures = failures + 1, last_failure = ? WHERE id = ?";
    this.#sql.exec(update, JSON.stringify(failure), id);
  }

  succeed(id: string): void {
    this.#sql.exec("UPDATE sources SET failures = 0 WHERE id = ? AND failures > 0", id);
  }

  /** Deletes a source, and notes that its deliveries are left. */
  remove(id: string): void {
    this.#sql.exec("DELETE FROM sources WHERE id = ?", id);
    this.#sql.exec("INSERT OR IGNORE INTO removed_sources VALUES (?)", id);
  }

  /** A deleted source with data that is still to be deleted; null if there is none. */
  removed(): string | null {
    return this.#sql.exec<{ id: string }>("SELECT id FROM removed_sources LIMIT 1").toArray()[0]?.id ?? null;
  }

  /** Marks a deleted source as completely deleted. */
  forget(id: string): void {
    this.#sql.exec("DELETE FROM removed_sources WHERE id = ?", id);
  }
}

/** Defaults for settings that older sources were stored without. */
const ABSENT_BEFORE = { token: null } as const;

const rowOf = ({ id, settings, secrets, failures, last_failure: last, created_at: createdAt }: Stored): SourceRow => ({
  id,
  failures,
  createdAt,
  settings: { ...ABSENT_BEFORE, ...(JSON.parse(settings) as SourceSettings) },
  secrets: JSON.parse(secrets) as SourceSecret[],
  lastFailure: last === null ? null : (JSON.parse(last) as SourceRow["lastFailure"]),
});
