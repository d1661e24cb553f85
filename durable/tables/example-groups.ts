// The group that a sender gives an example, such as the task of an annotation. Senders can delete a whole group.
import { inJsonBatches, ROWS_A_TURN } from "../kit/rows.ts";

export interface GroupMember {
  readonly example: string;
  /** Id of the group. */
  readonly name: string;
}

export class ExampleGroupTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(source: string, examples: readonly GroupMember[]): void {
    const upsert = `INSERT INTO example_groups (source, example, name)
      SELECT ?1, value ->> 'example', value ->> 'name' FROM json_each(?2) WHERE true
      ON CONFLICT (source, example) DO UPDATE SET name = excluded.name`;
    inJsonBatches(examples, (json) => this.#sql.exec(upsert, source, json));
  }

  /** Examples in groups of a source, `limit` at most. */
  members(source: string, names: readonly string[], limit: number): GroupMember[] {
    const query = `SELECT example, name FROM example_groups
      WHERE source = ? AND name IN (SELECT value FROM json_each(?)) LIMIT ?`;
    return this.#sql.exec<GroupMember & Record<string, string>>(query, source, JSON.stringify(names), limit).toArray();
  }

  /** Deletes the groups of a source, some before each time it yields. */
  *removeInTurns(source: string): Generator<void> {
    const some = "SELECT example FROM example_groups WHERE source = ?1 LIMIT ?2";
    const remove = `DELETE FROM example_groups WHERE source = ?1 AND example IN (${some})`;
    while (this.#sql.exec(remove, source, ROWS_A_TURN).rowsWritten > 0) yield;
  }
}
