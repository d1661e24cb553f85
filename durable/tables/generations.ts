// The generation of heads' objects: how many objects of an id were given up because their storage could not be cleared. A head
// made after that needs an object of another name. Rows stay when the head is deleted: the object given up stays unusable.

/** No row: generation 0, the object that every id begins with. */
export const GENERATIONS_SCHEMA =
  "CREATE TABLE head_generations (head TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;";

type Row = { head: string; generation: number };

export class GenerationTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  of(head: string): number {
    const query = "SELECT head, generation FROM head_generations WHERE head = ?";
    return this.#sql.exec<Row>(query, head).toArray()[0]?.generation ?? 0;
  }

  /** Generations above 0; undefined if there are none. */
  all(): Map<string, number> | undefined {
    const rows = this.#sql.exec<Row>("SELECT head, generation FROM head_generations").toArray();
    return rows.length === 0 ? undefined : new Map(rows.map(({ head, generation }) => [head, generation]));
  }

  advance(head: string): void {
    const advance = `INSERT INTO head_generations VALUES (?, 1)
      ON CONFLICT (head) DO UPDATE SET generation = generation + 1`;
    this.#sql.exec(advance, head);
  }
}
