// Captured inputs for review: one entry per input, with the last answer. A file is in the entry, so the bytes of all are bounded.
import type { CaptureView } from "../../src/contract/captures.ts";
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { CapturedAnswer, CapturedInput } from "../../src/contract/serving-rpc.ts";
import { timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { pageOfRows, rowsToRead, strangeCursor } from "../kit/pages.ts";

type Row = { seq: number; id: string; uncertainty: number; created_at: number; record: string };

interface Most {
  readonly captures: number;
  /** Captures may exceed this by less than one Worker's report, until the next report. */
  readonly bytes: number;
}

const MOST: Most = { captures: LIMITS.capturesPerHead, bytes: LIMITS.capturedBytesPerHead };

/**
 * Most captures, and bytes of captures, deleted at once: a few milliseconds, because SQLite reads the rows that it deletes. One
 * batch of a report adds less. The bytes may be exceeded by less than one capture.
 */
const AT_ONCE: Most = { captures: LIMITS.reportedCaptures, bytes: 4 << 20 };

const SELECT = "SELECT seq, id, uncertainty, created_at, record FROM captures";

export class CaptureTable {
  readonly #sql: SqlStorage;
  readonly #most: Most;

  constructor(sql: SqlStorage, most = MOST) {
    this.#sql = sql;
    this.#most = most;
  }

  /** `id`: the id of the capture, if the input has none yet. */
  put({ digest, uncertainty, at, record }: CapturedInput, id: string): void {
    const upsert = `INSERT INTO captures (id, digest, uncertainty, created_at, record) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (digest) DO UPDATE SET uncertainty = excluded.uncertainty, record = excluded.record`;
    this.#sql.exec(upsert, id, digest, uncertainty, at, record);
  }

  /**
   * Deletes some captures from before `time`, and some of the oldest above the limits. Returns whether any was deleted: call it in
   * turns until nothing is left.
   */
  pruneSome(time: number): boolean {
    const use = this.#sql.exec<{ captures: number; bytes: number }>("SELECT captures, bytes FROM capture_use").one();
    const surplus = { captures: use.captures - this.#most.captures, bytes: use.bytes - this.#most.bytes };
    const isOver = this.#remove("ORDER BY seq LIMIT ?", [], surplus);
    return this.#remove("WHERE created_at < ? LIMIT ?", [time]) || isOver;
  }

  /** Deletes some captures. Returns whether there were any. */
  clearSome(): boolean {
    return this.#remove("LIMIT ?", []);
  }

  /** Deletes the first captures of `which`: up to `surplus`, and at most `AT_ONCE`. Returns whether there were any. */
  #remove(which: string, bindings: readonly number[], surplus: Most = AT_ONCE): boolean {
    const query = `SELECT seq, octet_length(record) AS bytes FROM captures ${which}`;
    const seqs: number[] = [];
    let bytes = 0;
    for (const row of this.#sql.exec<{ seq: number; bytes: number }>(query, ...bindings, AT_ONCE.captures)) {
      const isEnough = seqs.length >= surplus.captures && bytes >= surplus.bytes;
      if (isEnough || bytes >= AT_ONCE.bytes) break;
      seqs.push(row.seq);
      bytes += row.bytes;
    }
    if (seqs.length === 0) return false;
    this.#sql.exec("DELETE FROM captures WHERE seq IN (SELECT value FROM json_each(?))", JSON.stringify(seqs));
    return true;
  }

  /** A page of captures, the most uncertain first. */
  list(page: PageQuery): Page<CaptureView> {
    const [uncertainty, seq] = placeOf(page);
    const query = `${SELECT} WHERE (uncertainty, -seq) < (?, ?) ORDER BY uncertainty DESC, seq LIMIT ?`;
    const cursor = this.#sql.exec<Row>(query, uncertainty, -seq, rowsToRead(page));
    const { rows, isCut } = rowsOfPage(cursor);
    // As on every page, the last row only shows that there are more.
    return pageOfRows(
      rows,
      isCut ? { ...page, limit: rows.length - 1 } : page,
      (row) => `${row.uncertainty}_${row.seq}`,
      viewOfCapture,
    );
  }

  get(id: string): CaptureView | null {
    const [row] = this.#sql.exec<Row>(`${SELECT} WHERE id = ?`, id).toArray();
    return row ? viewOfCapture(row) : null;
  }

  /** Returns false if it does not exist. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM captures WHERE id = ?", id).rowsWritten > 0;
  }
}

/** The rows of a page, which ends early at `LIMITS.capturePageChars`. */
function rowsOfPage(cursor: Iterable<Row>): { readonly rows: readonly Row[]; readonly isCut: boolean } {
  const rows: Row[] = [];
  let chars = 0;
  for (const row of cursor) {
    rows.push(row);
    chars += row.record.length;
    if (rows.length > 1 && chars > LIMITS.capturePageChars) return { rows, isCut: true };
  }
  return { rows, isCut: false };
}

/** The start of a page: after an uncertainty and, for equal ones, a number. */
function placeOf({ after }: PageQuery): [uncertainty: number, seq: number] {
  if (after === undefined) return [2, 0];
  const [uncertainty, seq] = after.split("_").map(Number);
  if (Number.isFinite(uncertainty) && Number.isSafeInteger(seq)) return [uncertainty as number, seq as number];
  throw strangeCursor();
}

function viewOfCapture({ id, uncertainty, created_at, record }: Row): CaptureView {
  const { input, version, prediction } = JSON.parse(record) as CapturedAnswer;
  return { id, input, version, prediction: { ...prediction }, uncertainty, created_at: timestamp(created_at) };
}
