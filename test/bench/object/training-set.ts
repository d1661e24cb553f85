// A stored feature set in the form of a training: rows by fold, with blocks replaced by their scaled form.
import { bytesOf, concatBytes } from "../../../src/core/bytes.ts";
import type { FeatureBlocks, RowPart, StoredBlock } from "../../../src/engine/data/blocks.ts";
import { rowsPerBlock } from "../../../src/engine/data/blocks.ts";
import { type Folds, foldRows } from "../../../src/engine/data/folds.ts";
import type { StoredBlock as SetBlock, SetMeta, StoredSet } from "./stored-set.ts";

const schemaOf = (name: string): string => `CREATE TABLE IF NOT EXISTS ${name} (
  part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, scaled INTEGER NOT NULL, features BLOB NOT NULL,
  targets BLOB NOT NULL, PRIMARY KEY (part, number))`;

export type ArrangementName = "one" | "folds";

/** The fold of each training row, in order. Test rows are separate. */
const ARRANGEMENTS: Readonly<Record<ArrangementName, (labels: Int32Array) => Folds>> = {
  // Every row is in fold 1 and none in fold 0, so that a fit on all rows treats them as its training rows.
  one: (labels) => ({ parts: Array<number>(labels.length).fill(1), folds: 2, rounds: 1, foldsOnly: false, leftOut: 0 }),
  folds: foldsOf,
};

/** Folds as in a job, from a number that stands for the digest of each row. */
function foldsOf(labels: Int32Array): Folds {
  const digests = Array.from(labels, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
  const rows = [...labels].map((stratum, i) => ({
    digest: `${(digests[i] as number).toString(16).padStart(8, "0")}${i}`,
    stratum,
    split: null,
  }));
  return foldRows(rows);
}

function labelsOf(stored: StoredSet): Int32Array {
  return new Int32Array(concatBytes([...stored.blocks("train")].map(({ labels }) => bytesOf(labels))).buffer);
}

/** Copies the set into blocks of its folds, in row order, with one block per fold in memory. */
export function arrange(stored: StoredSet, name: ArrangementName): void {
  const { dims } = stored.meta;
  const { parts, ...layout } = ARRANGEMENTS[name](labelsOf(stored));
  let row = 0;
  arrangeAs(stored, name, layout, (writer) => {
    for (const block of stored.blocks("train")) addRows(block, dims, () => writer(parts[row++] as RowPart));
    for (const block of stored.blocks("test")) addRows(block, dims, () => writer("test"));
  });
}

type Layout = Pick<Folds, "folds" | "rounds">;

/** Creates an arrangement of the rows that `fill` passes to the writers of their parts. */
export function arrangeAs(
  stored: StoredSet,
  name: ArrangementName,
  { folds, rounds }: Layout,
  fill: (writer: (part: RowPart) => BlockWriter) => void,
): void {
  const { sql, kv } = stored.storage;
  sql.exec(schemaOf(name));
  kv.put(name, { folds, rounds });
  const writers = new Map<RowPart, BlockWriter>();
  fill((part) => {
    const own = writers.get(part) ?? new BlockWriter(sql, name, part, stored.meta);
    writers.set(part, own);
    return own;
  });
  for (const each of writers.values()) each.flush();
}

function addRows({ features, labels }: SetBlock, dims: number, next: () => BlockWriter): void {
  labels.forEach((label, r) => {
    next().add(features.subarray(r * dims, (r + 1) * dims), label);
  });
}

/** The arrangement that `arrange` has stored under this name. */
export function arranged(stored: StoredSet, name: ArrangementName): { blocks: FeatureBlocks; rounds: number } {
  const layout = stored.storage.kv.get<Layout>(name);
  if (!layout) throw new Error(`Run operation "arrange" with arrangement "${name}" first`);
  return { blocks: blocksOver(stored.storage.sql, name, stored.meta.dims, layout.folds), rounds: layout.rounds };
}

export class BlockWriter {
  readonly #sql: SqlStorage;
  readonly #table: ArrangementName;
  readonly #part: RowPart;
  readonly #dims: number;
  readonly #features: Float32Array;
  readonly #targets: Int32Array;
  #rows = 0;
  #number = 0;

  constructor(sql: SqlStorage, table: ArrangementName, part: RowPart, { dims, classes }: SetMeta) {
    [this.#sql, this.#table, this.#part, this.#dims] = [sql, table, part, dims];
    this.#features = new Float32Array(rowsPerBlock(dims, classes) * dims);
    this.#targets = new Int32Array(rowsPerBlock(dims, classes));
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
    const insert = `INSERT OR REPLACE INTO ${this.#table} VALUES (?, ?, ?, 0, ?, ?)`;
    this.#sql.exec(insert, `${this.#part}`, this.#number++, this.#rows, features, targets);
    this.#rows = 0;
  }
}

function blocksOver(sql: SqlStorage, table: ArrangementName, dims: number, folds: number): FeatureBlocks {
  const rows = (part: RowPart): number[] => {
    const query = `SELECT rows FROM ${table} WHERE part = ? ORDER BY number`;
    return sql
      .exec<{ rows: number }>(query, `${part}`)
      .toArray()
      .map((row) => row.rows);
  };
  return {
    dims,
    folds: Array.from({ length: folds }, (_, fold) => rows(fold)),
    test: rows("test"),
    load: (part, index) => load(sql, table, part, index),
    keepScaled: (part, index, scaled) => {
      const update = `UPDATE ${table} SET scaled = 1, features = ? WHERE part = ? AND number = ?`;
      sql.exec(update, scaled, `${part}`, index);
    },
  };
}

function load(sql: SqlStorage, table: ArrangementName, part: RowPart, index: number): StoredBlock {
  const query = `SELECT rows, scaled, features, targets FROM ${table} WHERE part = ? AND number = ?`;
  type Row = { rows: number; scaled: number; features: ArrayBuffer; targets: ArrayBuffer };
  const { rows, scaled, features, targets } = sql.exec<Row>(query, `${part}`, index).one();
  return {
    rows,
    targets: new Int32Array(targets),
    features: scaled === 1 ? new Uint8Array(features) : new Float32Array(features),
    release: () => void features.transfer(0),
  };
}
