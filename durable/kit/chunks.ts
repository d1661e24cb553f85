// Byte strings of any length in SQLite, whose rows end at 2 MB. The schema is in each object's migrations.
import { concatBytes } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";

export const CHUNKS_SCHEMA = `
CREATE TABLE chunks (owner TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, number)) WITHOUT ROWID;
`;

export class ChunkTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Replaces what `owner` had. */
  put(owner: string, bytes: Uint8Array): void {
    this.remove(owner);
    for (let at = 0, number = 0; at < bytes.byteLength || number === 0; at += LIMITS.chunkBytes, number++) {
      this.#sql.exec("INSERT INTO chunks VALUES (?, ?, ?)", owner, number, bytes.slice(at, at + LIMITS.chunkBytes));
    }
  }

  /** The same, with a turn of the event loop after each row: until it returns, `owner` has a part of them. */
  async putInTurns(owner: string, bytes: Uint8Array, turn: () => Promise<void>): Promise<void> {
    this.remove(owner);
    await turn();
    for (let at = 0, number = 0; at < bytes.byteLength || number === 0; at += LIMITS.chunkBytes, number++) {
      this.#sql.exec("INSERT INTO chunks VALUES (?, ?, ?)", owner, number, bytes.slice(at, at + LIMITS.chunkBytes));
      await turn();
    }
  }

  get(owner: string): Uint8Array<ArrayBuffer> | null {
    const rows = this.#sql.exec<{ data: ArrayBuffer }>(
      "SELECT data FROM chunks WHERE owner = ? ORDER BY number",
      owner,
    );
    const parts = rows.toArray().map(({ data }) => new Uint8Array(data));
    return parts.length > 0 ? concatBytes(parts) : null;
  }

  remove(owner: string): void {
    this.#sql.exec("DELETE FROM chunks WHERE owner = ?", owner);
  }
}
