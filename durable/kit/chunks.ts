// Byte strings of any length in SQLite, whose rows end at 2 MB. The schema is in each object's migrations.
import { concatBytes } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";

export const CHUNKS_SCHEMA = `
CREATE TABLE chunks (owner TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, number)) WITHOUT ROWID;
`;

/**
 * The same as a tree of row numbers, with an index beside it. Searching one WITHOUT ROWID reads whole rows to compare their
 * keys once they overflow a page: some megabytes for each that is looked up, written or removed.
 */
export const CHUNKS_INDEXED = `
CREATE TABLE chunks_indexed (owner TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, number));
INSERT INTO chunks_indexed SELECT owner, number, data FROM chunks;
DROP TABLE chunks;
ALTER TABLE chunks_indexed RENAME TO chunks;
`;

/**
 * Written between two turns of the event loop: under a millisecond, but for every fourth megabyte, when SQLite moves what its
 * log holds into its file: some 6 ms, which longer writes would only add to.
 */
export const BYTES_A_TURN = 1 << 16;

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

  /** The same with `pieces` of `BYTES_A_TURN`, and a turn of the event loop after each: until it returns, some are of before. */
  async putInTurns(owner: string, pieces: Iterable<Uint8Array>, turn: () => Promise<void>): Promise<void> {
    let number = 0;
    for (const piece of pieces) {
      this.#sql.exec("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", owner, number++, piece);
      await turn();
    }
    for (const _ of this.#removeFrom(owner, number)) await turn();
  }

  get(owner: string): Uint8Array<ArrayBuffer> | null {
    const rows = this.#sql.exec<{ data: ArrayBuffer }>(
      "SELECT data FROM chunks WHERE owner = ? ORDER BY number",
      owner,
    );
    const parts = rows.toArray().map(({ data }) => new Uint8Array(data));
    return parts.length > 0 ? concatBytes(parts) : null;
  }

  /**
   * Hands its rows to `take`, with a turn of the event loop after each: nobody may put anything for `owner` meanwhile. false:
   * there are none.
   */
  async takeInTurns(owner: string, take: (part: Uint8Array) => void, turn: () => Promise<void>): Promise<boolean> {
    const row = "SELECT data FROM chunks WHERE owner = ? AND number = ?";
    for (let number = 0; ; number++) {
      const [part] = this.#sql.exec<{ data: ArrayBuffer }>(row, owner, number).toArray();
      if (!part) return number > 0;
      take(new Uint8Array(part.data));
      part.data.transfer(0);
      await turn();
    }
  }

  /** How many it has. */
  bytes(owner: string): number {
    const query = "SELECT coalesce(sum(length(data)), 0) AS bytes FROM chunks WHERE owner = ?";
    return this.#sql.exec<{ bytes: number }>(query, owner).one().bytes;
  }

  remove(owner: string): void {
    this.#sql.exec("DELETE FROM chunks WHERE owner = ?", owner);
  }

  /** The same, a few pieces before each time it yields: to free a megabyte SQLite reads all of it. */
  removeInTurns(owner: string): Generator<void> {
    return this.#removeFrom(owner, 0);
  }

  *#removeFrom(owner: string, number: number): Generator<void> {
    const some = "SELECT number FROM chunks WHERE owner = ?1 AND number >= ?2 LIMIT 2";
    const query = `DELETE FROM chunks WHERE owner = ?1 AND number IN (${some})`;
    while (this.#sql.exec(query, owner, number).rowsWritten > 0) yield;
  }
}
