// A feature directory in the format of ../shared/peers/make_features.py: its description, and its rows in blocks.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { SetPart } from "../object/stored-set.ts";

export interface FeatureSet {
  readonly folder: string;
  readonly name: string;
  readonly dims: number;
  readonly classes: number;
  readonly rows: Readonly<Record<SetPart, number>>;
}

export interface FileBlock {
  readonly rows: number;
  /** Features [rows][dims], then labels [rows]. */
  readonly bytes: Uint8Array;
}

/** Below the 2 MB that a row of an object's SQLite may have. */
const BLOCK_BYTES = 1_800_000;

export function openFeatureSet(folder: string): FeatureSet {
  const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as {
    name: string;
    dims: number;
    train: number;
    test: number;
    classes: string[];
  };
  const { name, dims, train, test, classes } = meta;
  return { folder, name, dims, classes: classes.length, rows: { train, test } };
}

/** Rows per block: a multiple of four, so that the kernels pad only the last one. */
const rowsPerBlock = (dims: number): number => Math.max(4, Math.floor(BLOCK_BYTES / (4 * (dims + 1))) & ~3);

export function* blocksOf({ folder, dims, rows }: FeatureSet, part: SetPart): Generator<FileBlock> {
  const features = openSync(join(folder, `${part}.features.f32`), "r");
  const labels = openSync(join(folder, `${part}.labels.i32`), "r");
  try {
    for (let first = 0; first < rows[part]; first += rowsPerBlock(dims)) {
      const count = Math.min(rowsPerBlock(dims), rows[part] - first);
      const bytes = new Uint8Array(count * (dims + 1) * 4);
      readAll(features, bytes.subarray(0, count * dims * 4), first * dims * 4);
      readAll(labels, bytes.subarray(count * dims * 4), first * 4);
      yield { rows: count, bytes };
    }
  } finally {
    closeSync(features);
    closeSync(labels);
  }
}

function readAll(file: number, into: Uint8Array, position: number): void {
  if (readSync(file, into, 0, into.length, position) !== into.length)
    throw new Error("A file of the feature set is shorter than its meta.json says: make the set again");
}
