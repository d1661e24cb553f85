// Many rows in one statement: they are passed as JSON and expanded in SQLite (json_each), half a megabyte per call.
import { LIMITS } from "../../src/core/limits.ts";

/** Small rows deleted between two turns of the event loop: a few milliseconds. */
export const ROWS_A_TURN = 500;

/** Calls `run` with JSON arrays that together contain `rows`, each below the size limit of a bound value. */
export function inJsonBatches(rows: readonly unknown[], run: (json: string) => void): void {
  let batch: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (chars + text.length > LIMITS.statementJsonChars && batch.length > 0) {
      run(`[${batch.join()}]`);
      batch = [];
      chars = 0;
    }
    batch.push(text);
    chars += text.length + 1;
  }
  if (batch.length > 0) run(`[${batch.join()}]`);
}

/** Rows of `query`, which reads its keys from `json_each(?)`, for all of `keys`. */
export function selectByKeys<Row extends Record<string, SqlStorageValue>>(
  sql: SqlStorage,
  query: string,
  keys: readonly (string | number)[],
): Row[] {
  const found: Row[] = [];
  inJsonBatches(keys, (json) => {
    for (const row of sql.exec<Row>(query, json)) found.push(row);
  });
  return found;
}
