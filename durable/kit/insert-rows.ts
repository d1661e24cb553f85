// Inserts many rows whose values are bound, a few statements for all of them.
// PLATFORM: before `INSERT … SELECT value ->> 0 … FROM json_each(?)` changes a page, SQLite copies the page to a temporary file,
// because the functions of such a statement can fail in the middle. `INSERT OR FAIL … VALUES` makes no such copy. An upload
// changes a page for each entry of an index of random digests, so these copies were 30 % of all bytes that it wrote.

/** Bound values that one statement of a Durable Object may have. */
const BOUND_VALUES = 100;

interface Columns {
  /** Columns whose values differ from row to row. */
  readonly own: readonly string[];
  /** Columns that have the same value in all rows of a call. */
  readonly shared?: readonly string[];
  /** Columns to return for each row. */
  readonly returned?: readonly string[];
}

export class Insertion {
  readonly #into: string;
  readonly #end: string;
  readonly #own: number;
  readonly #shared: number;
  /** Statements by their number of rows: building the text of a statement takes longer than running it. */
  readonly #statements: string[] = [];

  constructor(table: string, { own, shared = [], returned = [] }: Columns) {
    this.#into = `INSERT OR FAIL INTO ${table} (${[...own, ...shared].join()}) VALUES`;
    this.#end = returned.length > 0 ? ` RETURNING ${returned.join()}` : "";
    [this.#own, this.#shared] = [own.length, shared.length];
  }

  /**
   * Inserts `rows`, none of which may be stored yet: a conflict throws and leaves the rows before it. Call it in a transaction.
   * `shared`: the values of the shared columns. Returns the `returned` columns of the rows.
   */
  run<Row extends Record<string, SqlStorageValue>>(
    sql: SqlStorage,
    rows: readonly (readonly SqlStorageValue[])[],
    shared: readonly SqlStorageValue[] = [],
  ): Row[] {
    const returned: Row[] = [];
    const most = Math.floor((BOUND_VALUES - this.#shared) / this.#own);
    for (let at = 0; at < rows.length; at += most) {
      const some = rows.slice(at, at + most);
      for (const row of sql.exec<Row>(this.#statement(some.length), ...shared, ...some.flat())) returned.push(row);
    }
    return returned;
  }

  #statement(rows: number): string {
    this.#statements[rows] ??=
      `${this.#into} ${Array.from({ length: rows }, (_, row) => this.#places(row)).join()}${this.#end}`;
    return this.#statements[rows];
  }

  /** The places of a row's bound values: shared ones are the first of a statement. */
  #places(row: number): string {
    const own = Array.from({ length: this.#own }, (_, i) => `?${this.#shared + row * this.#own + i + 1}`);
    return `(${[...own, ...Array.from({ length: this.#shared }, (_, i) => `?${i + 1}`)].join()})`;
  }
}
