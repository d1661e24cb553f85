// The rows of the job at hand, copied in the order of training when it began: examples may change under it, and a job that
// is picked up again meets the same rows. Blocks come straight out of SQLite as the engine reads them.
import { bytesOf } from "../../src/core/bytes.ts";
import type { FeatureBlocks, Part, RawBlock } from "../../src/engine/blocks.ts";

export class SnapshotTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(part: Part, number: number, { features, labels }: RawBlock): void {
    const insert = "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, part, number, bytesOf(features).slice(), bytesOf(labels).slice());
  }

  clear(): void {
    this.#sql.exec("DELETE FROM snapshot");
  }

  blocks(dims: number): FeatureBlocks {
    return {
      dims,
      rows: { train: this.#rows("train"), validation: this.#rows("validation"), test: this.#rows("test") },
      load: (part, index) => this.#load(part, index),
    };
  }

  #rows(part: Part): number[] {
    const query = "SELECT length(labels) / 4 AS rows FROM snapshot WHERE part = ? ORDER BY number";
    return this.#sql
      .exec<{ rows: number }>(query, part)
      .toArray()
      .map(({ rows }) => rows);
  }

  #load(part: Part, number: number): RawBlock {
    const query = "SELECT features, labels FROM snapshot WHERE part = ? AND number = ?";
    const { features, labels } = this.#sql
      .exec<{ features: ArrayBuffer; labels: ArrayBuffer }>(query, part, number)
      .one();
    return { features: new Float32Array(features), labels: new Int32Array(labels) };
  }
}
