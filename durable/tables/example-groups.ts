// The group that a sender gives an example, such as the task of an annotation. Senders can delete a whole group.

export const EXAMPLE_GROUPS_SCHEMA = `
CREATE TABLE example_groups (
  source TEXT NOT NULL, example TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, example)
) WITHOUT ROWID;
CREATE INDEX example_groups_by_name ON example_groups (source, name);
CREATE INDEX example_groups_by_example ON example_groups (example);
CREATE TRIGGER example_ungrouped AFTER DELETE ON examples BEGIN
  DELETE FROM example_groups WHERE example = old.id;
END;
`;

export class ExampleGroupTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(source: string, example: string, name: string): void {
    const upsert = `INSERT INTO example_groups (source, example, name) VALUES (?, ?, ?)
      ON CONFLICT (source, example) DO UPDATE SET name = excluded.name`;
    this.#sql.exec(upsert, source, example, name);
  }

  /** Ids of the examples in groups of a source, `limit` at most. */
  members(source: string, names: readonly string[], limit: number): string[] {
    const query = `SELECT example FROM example_groups
      WHERE source = ? AND name IN (SELECT value FROM json_each(?)) LIMIT ?`;
    const rows = this.#sql.exec<{ example: string }>(query, source, JSON.stringify(names), limit).toArray();
    return rows.map(({ example }) => example);
  }

  removeOf(source: string): void {
    this.#sql.exec("DELETE FROM example_groups WHERE source = ?", source);
  }
}
