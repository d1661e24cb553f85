// The inputs of recent predictions by prediction id, so that feedback can name them.
import type { LoggedPrediction } from "../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";

interface Most {
  readonly predictions: number;
  /** May be exceeded by less than one record. */
  readonly chars: number;
}

/** Predictions deleted at once, in a few milliseconds: as many as a Worker's report has at most. */
const AT_ONCE = LIMITS.reportedPredictions;

const MOST: Most = { predictions: LIMITS.loggedPredictions, chars: LIMITS.loggedPredictionChars };

export class PredictionTable {
  readonly #sql: SqlStorage;
  readonly #most: Most;

  constructor(sql: SqlStorage, most = MOST) {
    this.#sql = sql;
    this.#most = most;
  }

  /** Stores predictions, each once, and deletes the oldest beyond the limits. */
  add(predictions: readonly LoggedPrediction[]): void {
    let chars = this.#chars();
    const rows = this.#unknown(predictions).map(({ id, at, record }) => {
      chars += record.length;
      return [id, at, chars, record];
    });
    const insert = `INSERT INTO predictions (id, at, chars, record)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`;
    inJsonBatches(rows, (json) => this.#sql.exec(insert, json));
    this.#sql.exec("DELETE FROM predictions WHERE chars <= ?", chars - this.#most.chars);
    const surplus = "seq <= (SELECT max(seq) FROM predictions) - ?";
    this.#sql.exec(`DELETE FROM predictions WHERE ${surplus}`, this.#most.predictions);
  }

  /** The predictions that are not stored yet, one for each id. A Worker repeats a report if its response was lost. */
  #unknown(predictions: readonly LoggedPrediction[]): LoggedPrediction[] {
    const ids = predictions.map(({ id }) => id);
    const query = "SELECT id FROM predictions WHERE id IN (SELECT value FROM json_each(?))";
    const seen = new Set(selectByKeys<{ id: string }>(this.#sql, query, ids).map(({ id }) => id));
    return predictions.filter(({ id }) => !seen.has(id) && seen.add(id));
  }

  #chars(): number {
    return this.#sql.exec<{ chars: number | null }>("SELECT max(chars) AS chars FROM predictions").one().chars ?? 0;
  }

  /** The record of a prediction made after `time`. */
  find(id: string, time: number): string | null {
    const query = "SELECT record FROM predictions WHERE id = ? AND at > ?";
    return this.#sql.exec<{ record: string }>(query, id, time).toArray()[0]?.record ?? null;
  }

  /** Deletes some of the predictions made at `time` or before. Returns whether there were any. */
  pruneSome(time: number): boolean {
    const some = "SELECT seq FROM predictions WHERE at <= ? ORDER BY at LIMIT ?";
    return this.#sql.exec(`DELETE FROM predictions WHERE seq IN (${some})`, time, AT_ONCE).rowsWritten > 0;
  }

  /** The time of the oldest prediction; null if there is none. */
  oldest(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM predictions").one().at;
  }
}
