// Versions: the description and the two sets of weights of each. They never change. The live version is stored elsewhere.
import type { PageQuery } from "../../src/contract/common.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { jsonOf } from "../../src/core/json-text.ts";
import { decodeRoundHeads, encodeRoundHeads, type RoundHeads } from "../../src/engine/heads/round-heads.ts";
import { decodeTrainedHead, encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import type { ChunkTable } from "../kit/chunks.ts";
import { numberCursor, rowsToRead } from "../kit/pages.ts";
import { LabelIssueTable } from "./label-issues.ts";
import { recordOfText, type VersionRecord } from "./version-record.ts";

const owner = (version: number, what: "record" | "final" | "selected"): string => `version/${version}/${what}`;

/** The `job` column of an imported version. */
const NO_JOB = "";

/** Imported versions by the digest of their weights, so that the same weights are imported once. */
export const IMPORTS_SCHEMA =
  "CREATE TABLE imports (weights TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;";

export class VersionTable {
  /** The label issues that trainings found. */
  readonly issues: LabelIssueTable;
  readonly #sql: SqlStorage;
  readonly #chunks: ChunkTable;

  constructor(sql: SqlStorage, chunks: ChunkTable) {
    this.#sql = sql;
    this.#chunks = chunks;
    this.issues = new LabelIssueTable(sql);
  }

  /** Returns the number of the new version. */
  add(record: VersionRecord, final: TrainedHead, rounds: RoundHeads, now: number): number {
    const insert = "INSERT INTO versions (digest, job, created_at) VALUES (?, ?, ?) RETURNING number";
    const { number } = this.#sql.exec<{ number: number }>(insert, record.digest, record.job ?? NO_JOB, now).one();
    this.#putAndFree(owner(number, "record"), utf8(jsonOf(record)));
    this.#putAndFree(owner(number, "final"), encodeTrainedHead(final));
    this.#putAndFree(owner(number, "selected"), encodeRoundHeads(rounds));
    return number;
  }

  /** Frees the bytes once they are written: three copies of megabytes would otherwise wait for a collection. */
  #putAndFree(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunks.put(name, bytes);
    bytes.buffer.transfer(0);
  }

  record(version: number): VersionRecord | null {
    const bytes = this.#chunks.get(owner(version, "record"));
    return bytes && recordOfText(new TextDecoder().decode(bytes));
  }

  /** How many of these versions, in order, have records of at most `bytes` in total; at least one. */
  countWithin(versions: readonly number[], bytes: number): number {
    let sum = 0;
    const over = versions.findIndex((version) => {
      sum += this.#chunks.bytes(owner(version, "record"));
      return sum > bytes;
    });
    return over < 0 ? versions.length : Math.max(1, over);
  }

  digest(version: number): string {
    return this.#sql.exec<{ digest: string }>("SELECT digest FROM versions WHERE number = ?", version).one().digest;
  }

  has(version: number): boolean {
    return this.#sql.exec("SELECT 1 FROM versions WHERE number = ?", version).toArray().length > 0;
  }

  /** The weights that serve. */
  weights(version: number): TrainedHead | null {
    const bytes = this.encodedWeights(version);
    return bytes && decodeTrainedHead(bytes);
  }

  /** The same, as they are stored. */
  encodedWeights(version: number): Uint8Array<ArrayBuffer> | null {
    return this.#chunks.get(owner(version, "final"));
  }

  /** The weights that the metrics were measured on. */
  rounds(version: number): RoundHeads | null {
    const bytes = this.#chunks.get(owner(version, "selected"));
    return bytes && decodeRoundHeads(bytes);
  }

  /** The newest version with this digest and a number below `before`. */
  withDigest(digest: string, before: number): number | undefined {
    const query = "SELECT number FROM versions WHERE digest = ? AND number < ? ORDER BY number DESC LIMIT 1";
    return this.#sql.exec<{ number: number }>(query, digest, before).toArray()[0]?.number;
  }

  /** The number of the newest; 0 where there is none. */
  newest(): number {
    const query = "SELECT max(number) AS number FROM versions";
    return this.#sql.exec<{ number: number | null }>(query).one().number ?? 0;
  }

  /** The newest that was trained here. */
  newestTrained(): number | null {
    const query = "SELECT max(number) AS number FROM versions WHERE job <> ?";
    return this.#sql.exec<{ number: number | null }>(query, NO_JOB).one().number;
  }

  /** The version that was imported with these weights. */
  importOf(weights: string): number | null {
    const rows = this.#sql.exec<{ version: number }>("SELECT version FROM imports WHERE weights = ?", weights);
    return rows.toArray()[0]?.version ?? null;
  }

  putImport(weights: string, version: number): void {
    this.#sql.exec("INSERT INTO imports VALUES (?, ?)", weights, version);
  }

  /** Deletes a version and all its data. Its number is never used again. */
  remove(version: number): void {
    for (const what of ["record", "final", "selected"] as const) this.#chunks.remove(owner(version, what));
    this.#sql.exec("DELETE FROM imports WHERE version = ?", version);
    this.#sql.exec("DELETE FROM versions WHERE number = ?", version);
    this.issues.removeVersion(version);
  }

  /** Numbers of all versions, newest first. */
  all(): number[] {
    const rows = this.#sql.exec<{ number: number }>("SELECT number FROM versions ORDER BY number DESC");
    return rows.toArray().map(({ number }) => number);
  }

  /** Numbers, newest first: one more than a page. */
  numbers(page: PageQuery): number[] {
    const query = "SELECT number FROM versions WHERE number < ? ORDER BY number DESC LIMIT ?";
    const rows = this.#sql.exec<{ number: number }>(
      query,
      numberCursor(page, Number.MAX_SAFE_INTEGER),
      rowsToRead(page),
    );
    return rows.toArray().map(({ number }) => number);
  }
}
