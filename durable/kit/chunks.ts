// Stores byte strings of any length in SQLite, in chunks, because a row holds 2 MB at most. The schema is in each object's
// migrations.
import { concatBytes } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Turns } from "../../src/core/turns.ts";

export const CHUNKS_SCHEMA = `
CREATE TABLE chunks (owner TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, number)) WITHOUT ROWID;
`;

/**
 * The same table with row ids and a separate index. In a WITHOUT ROWID table a search reads whole rows to compare their keys
 * once rows overflow a page: megabytes for each lookup, write or removal.
 */
export const CHUNKS_INDEXED = `
CREATE TABLE chunks_indexed (owner TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, number));
INSERT INTO chunks_indexed SELECT owner, number, data FROM chunks;
DROP TABLE chunks;
ALTER TABLE chunks_indexed RENAME TO chunks;
`;

/**
 * Bytes written between two turns of the event loop. A write takes under 1 ms, except every fourth megabyte: then SQLite
 * checkpoints its log, which takes about 6 ms. Larger writes would add to that.
 */
export const BYTES_A_TURN = 1 << 16;

export class ChunkTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Replaces the bytes of `owner`. */
  put(owner: string, bytes: Uint8Array): void {
    this.remove(owner);
    for (let at = 0, number = 0; at < bytes.byteLength || number === 0; at += LIMITS.chunkBytes, number++) {
      this.#sql.exec("INSERT INTO chunks VALUES (?, ?, ?)", owner, number, bytes.subarray(at, at + LIMITS.chunkBytes));
    }
  }

  /**
   * Replaces the bytes of `owner` by `pieces` of `BYTES_A_TURN`, with a turn of the event loop after each. Until it returns, old
   * and new pieces are mixed. Frees the buffer of each piece once it is written.
   */
  async putInTurns(owner: string, pieces: Iterable<Uint8Array<ArrayBuffer>>, turns: Turns): Promise<void> {
    let number = 0;
    for (const piece of pieces) {
      this.#sql.exec("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", owner, number++, piece);
      piece.buffer.transfer(0); // else the pieces of whole checkpoints stay until a collection
      await turns.take();
    }
    for (const _ of this.#removeFrom(owner, number)) await turns.take();
  }

  get(owner: string): Uint8Array<ArrayBuffer> | null {
    const rows = this.#sql.exec<{ data: ArrayBuffer }>(
      "SELECT data FROM chunks WHERE owner = ? ORDER BY number",
      owner,
    );
    const parts = rows.toArray().map(({ data }) => new Uint8Array(data));
    if (parts.length === 0) return null;
    const bytes = concatBytes(parts);
    for (const part of parts) part.buffer.transfer(0);
    return bytes;
  }

  /**
   * Passes the chunks to `take`, with a turn of the event loop after each. Nothing may be put for `owner` during that time. false:
   * the owner has no chunks.
   */
  async takeInTurns(owner: string, take: (part: Uint8Array) => void, turns: Turns): Promise<boolean> {
    const row = "SELECT data FROM chunks WHERE owner = ? AND number = ?";
    for (let number = 0; ; number++) {
      const [part] = this.#sql.exec<{ data: ArrayBuffer }>(row, owner, number).toArray();
      if (!part) return number > 0;
      take(new Uint8Array(part.data));
      part.data.transfer(0);
      await turns.take();
    }
  }

  bytes(owner: string): number {
    const query = "SELECT coalesce(sum(length(data)), 0) AS bytes FROM chunks WHERE owner = ?";
    return this.#sql.exec<{ bytes: number }>(query, owner).one().bytes;
  }

  remove(owner: string): void {
    this.#sql.exec("DELETE FROM chunks WHERE owner = ?", owner);
  }

  removeAll(owners: readonly string[]): void {
    this.#sql.exec("DELETE FROM chunks WHERE owner IN (SELECT value FROM json_each(?))", JSON.stringify(owners));
  }

  /** Like `remove`, two chunks per yield: SQLite reads a chunk to free it. */
  removeInTurns(owner: string): Generator<void> {
    return this.#removeFrom(owner, 0);
  }

  *#removeFrom(owner: string, number: number): Generator<void> {
    const some = "SELECT number FROM chunks WHERE owner = ?1 AND number >= ?2 LIMIT 2";
    const query = `DELETE FROM chunks WHERE owner = ?1 AND number IN (${some})`;
    while (this.#sql.exec(query, owner, number).rowsWritten > 0) yield;
  }
}
