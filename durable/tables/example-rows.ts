// A stored example as SQLite returns it, joined with its input, and how it is read.
import type { ExampleView, Split } from "../../src/contract/examples.ts";
import type { Target } from "../../src/contract/targets.ts";
import { type StoredTarget, TARGET_COLUMNS, targetReader } from "./targets.ts";

export interface StoredExample {
  readonly seq: number;
  readonly id: string;
  readonly input: number;
  readonly digest: string;
  readonly text: string | null;
  readonly target: Target;
  readonly split: Split | null;
  readonly source: ExampleView["source"];
  readonly block: number;
  readonly slot: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A row of SQLite, with its target in columns. */
export type Stored<Row> = Record<string, SqlStorageValue> & Omit<Row, "target"> & StoredTarget;

export const COLUMNS = `seq, examples.id AS id, input, digest, text, ${TARGET_COLUMNS}, split, source, block, slot, created_at, updated_at`;
export const JOINS = "JOIN inputs ON inputs.id = input LEFT JOIN labels ON labels.id = examples.label";
export const SELECT = `SELECT ${COLUMNS} FROM examples ${JOINS}`;

/** The rows with their targets. */
export function readExamples<Row>(sql: SqlStorage, stored: readonly (Omit<Row, "target"> & StoredTarget)[]) {
  const targetOf = targetReader(sql, stored);
  return stored.map((row) => ({ ...row, target: targetOf(row) }));
}
