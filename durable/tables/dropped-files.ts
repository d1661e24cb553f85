// Prefixes in the bucket whose files belong to deleted heads and tenants. A row stays until a search finds nothing, an hour after
// the deletion or later, because a put that was in flight may come late.
import { LIMITS } from "../../src/core/limits.ts";

export const DROPPED_FILES_SCHEMA = `
CREATE TABLE dropped_files (
  prefix TEXT PRIMARY KEY, since INTEGER NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL
) WITHOUT ROWID;
`;

export class DroppedFileTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(prefix: string, now: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO dropped_files VALUES (?1, ?2, ?2, 0)", prefix, now);
  }

  /** The prefix to search first. If it is not settled, it is claimed again 1 s, 4 s … an hour later. null: none is due. */
  claim(now: number): string | null {
    const claim = `UPDATE dropped_files SET attempts = attempts + 1, at = ?1 + 1000 * min(3600, 1 << min(12, 2 * attempts))
      WHERE prefix = (SELECT prefix FROM dropped_files WHERE at <= ?1 ORDER BY at LIMIT 1) RETURNING prefix`;
    return this.#sql.exec<{ prefix: string }>(claim, now).toArray()[0]?.prefix ?? null;
  }

  /** After a search: nothing is left, or more than one search returns. */
  settle(prefix: string, isEmpty: boolean, now: number): void {
    const late = LIMITS.lateFileSeconds * 1_000;
    this.#sql.exec(
      "DELETE FROM dropped_files WHERE prefix = ? AND ? AND since <= ?",
      prefix,
      isEmpty ? 1 : 0,
      now - late,
    );
    const again = "UPDATE dropped_files SET attempts = 0, at = iif(?, since + ?, ?) WHERE prefix = ?";
    this.#sql.exec(again, isEmpty ? 1 : 0, late, now, prefix);
  }

  /** When the next search is due; null if none is. */
  nextAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM dropped_files").one().at;
  }
}
