// Inputs kept for review: one entry an input, as it was answered last.
import type { CaptureView } from "../../src/contract/captures.ts";
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { CapturedInput } from "../../src/contract/serving-rpc.ts";
import { timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { pageOfRows, rowsToRead, strangeCursor } from "../kit/pages.ts";

type Row = { seq: number; id: string; uncertainty: number; created_at: number; record: string };
type Kept = Pick<CapturedInput, "input" | "version" | "prediction">;

const SELECT = "SELECT seq, id, uncertainty, created_at, record FROM captures";

export class CaptureTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** `id`: of an input that is not here yet. */
  put({ digest, uncertainty, at, input, version, prediction }: CapturedInput, id: string): void {
    const kept: Kept = { input, version, prediction };
    const upsert = `INSERT INTO captures (id, digest, uncertainty, created_at, record) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (digest) DO UPDATE SET uncertainty = excluded.uncertainty, record = excluded.record`;
    this.#sql.exec(upsert, id, digest, uncertainty, at, JSON.stringify(kept));
  }

  /** Forgets what was kept before `time`, and the oldest of too many. */
  prune(time: number): void {
    this.#sql.exec("DELETE FROM captures WHERE created_at < ?", time);
    const oldest = "SELECT seq FROM captures ORDER BY seq DESC LIMIT -1 OFFSET ?";
    this.#sql.exec(`DELETE FROM captures WHERE seq IN (${oldest})`, LIMITS.capturesPerHead);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM captures");
  }

  /** Most uncertain first. */
  list(page: PageQuery): Page<CaptureView> {
    const [uncertainty, seq] = placeOf(page);
    const query = `${SELECT} WHERE (uncertainty, -seq) < (?, ?) ORDER BY uncertainty DESC, seq LIMIT ?`;
    const rows = this.#sql.exec<Row>(query, uncertainty, -seq, rowsToRead(page)).toArray();
    return pageOfRows(rows, page, (row) => `${row.uncertainty}_${row.seq}`, viewOfCapture);
  }

  get(id: string): CaptureView | null {
    const [row] = this.#sql.exec<Row>(`${SELECT} WHERE id = ?`, id).toArray();
    return row ? viewOfCapture(row) : null;
  }

  /** false: there is none. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM captures WHERE id = ?", id).rowsWritten > 0;
  }
}

/** Where a page begins: after an uncertainty and, among equals, a number. */
function placeOf({ after }: PageQuery): [uncertainty: number, seq: number] {
  if (after === undefined) return [2, 0];
  const [uncertainty, seq] = after.split("_").map(Number);
  if (Number.isFinite(uncertainty) && Number.isSafeInteger(seq)) return [uncertainty as number, seq as number];
  throw strangeCursor();
}

function viewOfCapture({ id, uncertainty, created_at, record }: Row): CaptureView {
  const { input, version, prediction } = JSON.parse(record) as Kept;
  return { id, input, version, prediction: { ...prediction }, uncertainty, created_at: timestamp(created_at) };
}
