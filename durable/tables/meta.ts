// Single values of an object, as JSON by key.

export const META_SCHEMA = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

export class MetaTable<Values extends object> {
  readonly #sql: SqlStorage;
  #writes = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Number of writes to this table through this instance, committed or rolled back. While it is unchanged, earlier reads are
   * still valid.
   */
  get writes(): number {
    return this.#writes;
  }

  get<Key extends keyof Values & string>(key: Key): Values[Key] | null {
    const row = this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = ?", key).toArray()[0];
    return row ? (JSON.parse(row.value) as Values[Key]) : null;
  }

  set<Key extends keyof Values & string>(key: Key, value: Values[Key]): void {
    this.#writes++;
    this.#sql.exec("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, JSON.stringify(value));
  }

  remove(key: keyof Values & string): void {
    this.#writes++;
    this.#sql.exec("DELETE FROM meta WHERE key = ?", key);
  }
}
