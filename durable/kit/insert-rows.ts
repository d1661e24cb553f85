// Inserts many rows whose values are bound, a few statements for all of them.
// PLATFORM: before `INSERT … SELECT … FROM json_each(?)` changes a page, SQLite copies the page to a temporary file, because such a
// statement can fail in the middle. It does not for `INSERT OR FAIL … VALUES`. An upload changes a page for each entry of an index
// of random digests, so that these copies were a fifth of all it wrote.

/** Bound values that one statement of a Durable Object may have. */
const BOUND_VALUES = 100;

export interface Insertion {
  readonly table: string;
  readonly columns: readonly string[];
  /** The columns to return of each row. */
  readonly returning?: readonly string[];
}

/**
 * Inserts `rows`, none of which may be stored yet: a conflict throws and leaves the rows before it. Use it in a transaction.
 * `shared`: the values of the last columns, the same in all rows. Yields what is returned.
 */
export function* insertRows<Row extends Record<string, SqlStorageValue>>(
  sql: SqlStorage,
  { table, columns, returning = [] }: Insertion,
  rows: readonly (readonly SqlStorageValue[])[],
  shared: readonly SqlStorageValue[] = [],
): Generator<Row> {
  const width = columns.length - shared.length;
  const most = Math.floor((BOUND_VALUES - shared.length) / width);
  const into = `INSERT OR FAIL INTO ${table} (${columns.join()}) VALUES`;
  const end = returning.length > 0 ? `RETURNING ${returning.join()}` : "";
  for (let at = 0; at < rows.length; at += most) {
    const some = rows.slice(at, at + most);
    const places = some.map((_, i) => placesOf(i, width, shared.length)).join();
    yield* sql.exec<Row>(`${into} ${places} ${end}`, ...shared, ...some.flat());
  }
}

/** The places of the bound values of a row: those of its own, which follow all shared ones, then the shared ones. */
function placesOf(row: number, width: number, shared: number): string {
  const own = Array.from({ length: width }, (_, i) => `?${shared + row * width + i + 1}`);
  return `(${[...own, ...Array.from({ length: shared }, (_, i) => `?${i + 1}`)].join()})`;
}
