// Blocks of features that an older revision of the backbone made.

export class OutdatedBlocks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Marks all blocks as made by `revision`. Blocks that are already marked keep their revision. */
  mark(revision: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO outdated_blocks SELECT id, ? FROM blocks", revision);
  }

  /** Removes the mark of a block. Call it once the newest revision has made its features, and when the block is deleted. */
  unmark(block: number): void {
    this.#sql.exec("DELETE FROM outdated_blocks WHERE block = ?", block);
  }

  /** The older revision that made the features of a block; null: the newest did. */
  revisionOf(block: number): string | null {
    const query = "SELECT revision FROM outdated_blocks WHERE block = ?";
    return this.#sql.exec<{ revision: string }>(query, block).toArray()[0]?.revision ?? null;
  }

  /** The first outdated blocks, at most `most`. */
  first(most: number): number[] {
    const query = "SELECT block FROM outdated_blocks ORDER BY block LIMIT ?";
    return this.#sql
      .exec<{ block: number }>(query, most)
      .toArray()
      .map(({ block }) => block);
  }

  /** Number of inputs with features of an older revision. */
  count(): number {
    const query = "SELECT coalesce(sum(rows), 0) AS inputs FROM outdated_blocks JOIN blocks ON id = block";
    return this.#sql.exec<{ inputs: number }>(query).one().inputs;
  }
}
