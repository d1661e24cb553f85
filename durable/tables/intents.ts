// Creations and deletions of heads that have begun but not ended. After a crash the next call finishes or undoes them.

export const INTENTS_SCHEMA = "CREATE TABLE head_intents (head TEXT PRIMARY KEY, intent TEXT NOT NULL) WITHOUT ROWID;";

export type Intent = "create" | "delete";

export class IntentTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  set(head: string, intent: Intent): void {
    this.#sql.exec("INSERT OR REPLACE INTO head_intents VALUES (?, ?)", head, intent);
  }

  get(head: string): Intent | null {
    const query = "SELECT intent FROM head_intents WHERE head = ?";
    return this.#sql.exec<{ intent: Intent }>(query, head).toArray()[0]?.intent ?? null;
  }

  clear(head: string): void {
    this.#sql.exec("DELETE FROM head_intents WHERE head = ?", head);
  }

  heads(): string[] {
    const rows = this.#sql.exec<{ head: string }>("SELECT head FROM head_intents ORDER BY head").toArray();
    return rows.map(({ head }) => head);
  }
}
