// A stored feature set as a training reads it: rows by fold, halves put back in the place of what they were made from.
import type { FeatureBlocks, Part, StoredBlock } from "../../../src/engine/blocks.ts";
import { rowsPerBlock } from "../../../src/engine/blocks.ts";
import { type Folds, foldRows } from "../../../src/engine/folds.ts";
import { concatBytes } from "../../../src/core/bytes.ts";
import type { StoredSet } from "./stored-set.ts";

const SCHEMA = `DROP TABLE IF EXISTS arranged; CREATE TABLE arranged (
  part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, half INTEGER NOT NULL, features BLOB NOT NULL,
  targets BLOB NOT NULL, PRIMARY KEY (part, number))`;

/** Where each training row goes, in order; test rows are apart already. */
export type Arrangement = Pick<Folds, "parts" | "folds">;

/** Every row in fold 1, and none in fold 0: what a fit of everything calls its training rows. */
export const allInOneFold = (rows: number): Arrangement => ({ parts: Array<number>(rows).fill(1), folds: 2 });

/** Folds as a job makes them, by a number that stands for the digest of each row. */
export function foldsOf(labels: Int32Array): Folds {
  const digests = Array.from(labels, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
  const rows = [...labels].map((stratum, i) => ({
    ...{ digest: `${(digests[i] as number).toString(16).padStart(8, "0")}${i}`, stratum, split: null },
  }));
  return foldRows(rows);
}

export function labelsOf(stored: StoredSet): Int32Array {
  return new Int32Array(concatBytes([...stored.blocks("train")].map(({ labels }) => bytesOf(labels))).buffer);
}

const bytesOf = (array: Int32Array | Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Copies the set into blocks of its folds, in row order, holding one block a fold at a time. */
export function arrange(stored: StoredSet, { parts, folds }: Arrangement): FeatureBlocks {
  const { sql } = stored.storage;
  sql.exec(SCHEMA);
  const { dims } = stored.meta;
  const writers = new Map<Part, BlockWriter>();
  const writer = (part: Part): BlockWriter => {
    const own = writers.get(part) ?? new BlockWriter(sql, part, dims);
    writers.set(part, own);
    return own;
  };
  let row = 0;
  for (const { features, labels } of stored.blocks("train")) {
    labels.forEach((label, r) => writer(parts[row++] as Part).add(features.subarray(r * dims, (r + 1) * dims), label));
  }
  for (const { features, labels } of stored.blocks("test")) {
    labels.forEach((label, r) => writer("test").add(features.subarray(r * dims, (r + 1) * dims), label));
  }
  for (const each of writers.values()) each.flush();
  return blocksOver(sql, dims, folds);
}

class BlockWriter {
  readonly #sql: SqlStorage;
  readonly #part: Part;
  readonly #dims: number;
  readonly #features: Float32Array;
  readonly #targets: Int32Array;
  #rows = 0;
  #number = 0;

  constructor(sql: SqlStorage, part: Part, dims: number) {
    [this.#sql, this.#part, this.#dims] = [sql, part, dims];
    this.#features = new Float32Array(rowsPerBlock(dims) * dims);
    this.#targets = new Int32Array(rowsPerBlock(dims));
  }

  add(feature: Float32Array, label: number): void {
    this.#features.set(feature, this.#rows * this.#dims);
    this.#targets[this.#rows++] = label;
    if (this.#rows === this.#targets.length) this.flush();
  }

  flush(): void {
    if (this.#rows === 0) return;
    const [features, targets] = [
      bytesOf(this.#features.slice(0, this.#rows * this.#dims)),
      bytesOf(this.#targets.slice(0, this.#rows)),
    ];
    const insert = "INSERT INTO arranged VALUES (?, ?, ?, 0, ?, ?)";
    this.#sql.exec(insert, `${this.#part}`, this.#number++, this.#rows, features, targets);
    this.#rows = 0;
  }
}

function blocksOver(sql: SqlStorage, dims: number, folds: number): FeatureBlocks {
  const rows = (part: Part): number[] => {
    const query = "SELECT rows FROM arranged WHERE part = ? ORDER BY number";
    return sql.exec<{ rows: number }>(query, `${part}`).toArray().map((row) => row.rows);
  };
  return {
    ...{ dims, folds: Array.from({ length: folds }, (_, fold) => rows(fold)), test: rows("test") },
    load: (part, index) => load(sql, part, index),
    keepHalves: (part, index, halves) => {
      const update = "UPDATE arranged SET half = 1, features = ? WHERE part = ? AND number = ?";
      sql.exec(update, halves, `${part}`, index);
    },
  };
}

function load(sql: SqlStorage, part: Part, index: number): StoredBlock {
  const query = "SELECT rows, half, features, targets FROM arranged WHERE part = ? AND number = ?";
  type Row = { rows: number; half: number; features: ArrayBuffer; targets: ArrayBuffer };
  const { rows, half, features, targets } = sql.exec<Row>(query, `${part}`, index).one();
  return {
    ...{ rows, targets: new Int32Array(targets) },
    features: half === 1 ? new Uint8Array(features) : new Float32Array(features),
  };
}
