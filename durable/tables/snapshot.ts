// The rows of the open job, copied in training order when it began: examples may change during the job, and a resumed job must
// read the same rows. The engine reads blocks directly from SQLite.
import type { Task } from "../../src/contract/tasks.ts";
import { bytesOf, concatBytes } from "../../src/core/bytes.ts";
import type { FeatureBlocks, RowPart, StoredBlock } from "../../src/engine/data/blocks.ts";
import { TASK_KINDS } from "../../src/engine/tasks/registry.ts";
import { BYTES_A_TURN } from "../kit/chunks.ts";

/** A block to be stored, and the identities of its rows. */
export interface SnapshotBlock extends StoredBlock {
  readonly features: Float32Array;
  /** `seq` of the examples [rows]. */
  readonly examples: Float64Array;
  /** The first 16 hex digits of the inputs' digests, as two int32 per row. */
  readonly digests: Int32Array;
}

/** A block without its features: the identities and targets of its rows. */
export type RowNames = Pick<SnapshotBlock, "examples" | "digests" | "targets">;

export class SnapshotTable {
  readonly #sql: SqlStorage;
  readonly #task: Task;

  constructor(sql: SqlStorage, task: Task) {
    this.#sql = sql;
    this.#task = task;
  }

  /** Writes a new block in pieces, and yields after each. */
  *put(part: RowPart, number: number, { rows, features, targets, examples, digests }: SnapshotBlock): Generator<void> {
    const bytes = bytesOf(features);
    for (let at = 0, piece = 0; at < bytes.byteLength; at += BYTES_A_TURN, piece++) {
      this.#putPiece(part, number, piece, bytes.subarray(at, at + BYTES_A_TURN));
      yield;
    }
    const values = [targets, examples, digests].map((array) => bytesOf(array).slice());
    this.#sql.exec("INSERT INTO snapshot VALUES (?, ?, ?, 0, ?, ?, ?)", `${part}`, number, rows, ...values);
    yield;
  }

  #putPiece(part: RowPart, number: number, piece: number, data: Uint8Array): void {
    this.#sql.exec("INSERT INTO snapshot_features VALUES (?, ?, ?, ?)", `${part}`, number, piece, data);
  }

  /** Deletes everything, a few pieces before each yield: to free a megabyte, SQLite reads all of it. */
  *clear(): Generator<void> {
    this.#sql.exec("DELETE FROM snapshot");
    yield;
    const some = "SELECT rowid FROM snapshot_features LIMIT 2";
    while (this.#sql.exec(`DELETE FROM snapshot_features WHERE rowid IN (${some})`).rowsWritten > 0) yield;
  }

  /** `folds`: their number, including empty ones. */
  blocks(dims: number, folds: number): FeatureBlocks {
    return {
      dims,
      folds: Array.from({ length: folds }, (_, fold) => this.#rows(fold)),
      test: this.#rows("test"),
      load: (part, index) => this.#load(part, index),
      keepScaled: (part, index, scaled) => {
        this.#sql.exec("UPDATE snapshot SET scaled = 1 WHERE part = ? AND number = ?", `${part}`, index);
        this.#sql.exec("DELETE FROM snapshot_features WHERE part = ? AND number = ?", `${part}`, index);
        this.#putPiece(part, index, 0, scaled);
      },
    };
  }

  #rows(part: RowPart): number[] {
    const query = "SELECT rows FROM snapshot WHERE part = ? ORDER BY number";
    return this.#sql
      .exec<{ rows: number }>(query, `${part}`)
      .toArray()
      .map(({ rows }) => rows);
  }

  #load(part: RowPart, number: number): StoredBlock {
    const query = "SELECT rows, scaled, targets FROM snapshot WHERE part = ? AND number = ?";
    const { rows, scaled, targets } = this.#sql
      .exec<{ rows: number; scaled: number; targets: ArrayBuffer }>(query, `${part}`, number)
      .one();
    const features = this.#features(part, number);
    return {
      rows,
      targets: TASK_KINDS[this.#task].targets.stored(targets),
      features: scaled === 1 ? new Uint8Array(features) : new Float32Array(features),
      release: () => void features.transfer(0),
    };
  }

  #features(part: RowPart, number: number): ArrayBuffer {
    const query = "SELECT data FROM snapshot_features WHERE part = ? AND number = ? ORDER BY piece";
    const pieces = this.#sql.exec<{ data: ArrayBuffer }>(query, `${part}`, number).toArray();
    const [first] = pieces;
    if (first && pieces.length === 1) return first.data;
    const all = concatBytes(pieces.map(({ data }) => new Uint8Array(data)));
    for (const { data } of pieces) data.transfer(0);
    return all.buffer;
  }

  /** The identities of a part's rows, in order. */
  *names(part: RowPart): Generator<RowNames> {
    const query = "SELECT examples, digests, targets FROM snapshot WHERE part = ? ORDER BY number";
    type Row = Record<keyof RowNames, ArrayBuffer>;
    for (const { examples, digests, targets } of this.#sql.exec<Row>(query, `${part}`)) {
      yield {
        examples: new Float64Array(examples),
        digests: new Int32Array(digests),
        targets: TASK_KINDS[this.#task].targets.stored(targets),
      };
    }
  }
}
