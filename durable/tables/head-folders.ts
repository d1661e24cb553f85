// The part of each head's keys in the bucket that no other head of the tenant has, not even a later one of the same id.

export const HEAD_FOLDERS_SCHEMA =
  "CREATE TABLE head_folders (head TEXT PRIMARY KEY, folder TEXT NOT NULL) WITHOUT ROWID;";

export class HeadFolderTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A head that has a folder keeps it. */
  add(head: string, folder: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO head_folders VALUES (?, ?)", head, folder);
  }

  /** null: the head was created before folders existed, and has no files in the bucket. */
  of(head: string): string | null {
    const query = "SELECT folder FROM head_folders WHERE head = ?";
    return this.#sql.exec<{ folder: string }>(query, head).toArray()[0]?.folder ?? null;
  }

  remove(head: string): void {
    this.#sql.exec("DELETE FROM head_folders WHERE head = ?", head);
  }
}
