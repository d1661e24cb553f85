// Versions: the description and the two sets of weights of each. They never change. The live version is stored elsewhere.
import type { PageQuery } from "../../src/contract/common.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { jsonOf } from "../../src/core/json-text.ts";
import { recordPieces } from "../../src/core/record.ts";
import type { Turns } from "../../src/core/turns.ts";
import { decodeRoundHeads, type RoundHeads } from "../../src/engine/heads/round-heads.ts";
import { decodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { BYTES_A_TURN, type ChunkTable } from "../kit/chunks.ts";
import { numberCursor, rowsToRead } from "../kit/pages.ts";
import { Queues } from "../kit/queues.ts";
import { LabelIssueTable } from "./label-issues.ts";
import { recordOfText, type VersionRecord } from "./version-record.ts";

const PARTS = ["record", "final", "selected"] as const;
type Part = (typeof PARTS)[number];
const owner = (version: number, part: Part): string => `version/${version}/${part}`;

export interface VersionContent {
  readonly record: VersionRecord;
  /** The weights that serve. */
  readonly final: TrainedHead;
  /** The weights that the metrics were measured on. */
  readonly rounds: RoundHeads;
}

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
  readonly #adding = new Queues();

  constructor(sql: SqlStorage, chunks: ChunkTable) {
    this.#sql = sql;
    this.#chunks = chunks;
    this.issues = new LabelIssueTable(sql);
  }

  /**
   * Writes the content of the next version in turns of the event loop, then calls `commit`, which may `insert` the version.
   * Versions are added one at a time. What a kill leaves of a content is overwritten by the next one.
   */
  add<T>(content: VersionContent, turns: Turns, commit: (version: number) => T): Promise<T> {
    return this.#adding.run("version", async () => {
      const version = this.#next();
      await this.#write(version, content, turns);
      const committed = commit(version);
      if (!this.has(version)) for (const _ of this.removeContent(version)) await turns.take();
      return committed;
    });
  }

  async #write(version: number, { record, final, rounds }: VersionContent, turns: Turns): Promise<void> {
    const put = (part: Part, pieces: Iterable<Uint8Array<ArrayBuffer>>) =>
      this.#chunks.putInTurns(owner(version, part), pieces, turns);
    await put("record", piecesOf(utf8(jsonOf(record))));
    await put("final", recordPieces(final, BYTES_A_TURN));
    await put("selected", recordPieces(rounds, BYTES_A_TURN));
  }

  /** The number of the next version: numbers of deleted versions are not used again. */
  #next(): number {
    const query = "SELECT seq FROM sqlite_sequence WHERE name = 'versions'";
    return (this.#sql.exec<{ seq: number }>(query).toArray()[0]?.seq ?? 0) + 1;
  }

  /** Makes the content that `add` has written a version. */
  insert(version: number, { digest, job }: VersionRecord, now: number): void {
    const insert = "INSERT INTO versions (number, digest, job, created_at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, version, digest, job ?? NO_JOB, now);
  }

  /** Replaces the record of a version that `add` has written. Call it in `commit`. */
  putRecord(version: number, record: VersionRecord): void {
    this.#chunks.put(owner(version, "record"), utf8(jsonOf(record)));
  }

  /** Deletes what a killed job or import has left of a version. */
  clearUnfinished(turns: Turns): Promise<void> {
    return this.#adding.run("version", async () => {
      turns.check();
      await turns.run(this.removeContent(this.#next()));
    });
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

  /** The weights that serve, as they are stored. */
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

  /** The number of the newest version; 0 if there is none. */
  newest(): number {
    const query = "SELECT max(number) AS number FROM versions";
    return this.#sql.exec<{ number: number | null }>(query).one().number ?? 0;
  }

  /** The newest version that was trained here. */
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

  /** Deletes a version, but not its content. Its number is never used again. */
  remove(version: number): void {
    this.#sql.exec("DELETE FROM imports WHERE version = ?", version);
    this.#sql.exec("DELETE FROM versions WHERE number = ?", version);
    this.issues.removeVersion(version);
  }

  /** Deletes the content of a version that is deleted, some of it per yield. */
  *removeContent(version: number): Generator<void> {
    for (const part of PARTS) yield* this.#chunks.removeInTurns(owner(version, part));
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

function* piecesOf(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.byteLength; at += BYTES_A_TURN) yield bytes.slice(at, at + BYTES_A_TURN);
}
