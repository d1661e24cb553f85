// Texts of stored inputs. A head with `keep_inputs` false drops them, and gets them again from later uploads.
import { inJsonBatches } from "../kit/rows.ts";
import { PENDING_BLOCK } from "./pending-inputs.ts";

export class InputTexts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The largest id of an input; 0: there is none. */
  last(): number {
    return this.#sql.exec<{ id: number }>("SELECT coalesce(max(id), 0) AS id FROM inputs").one().id;
  }

  /** Stores the texts of inputs that were stored without their text. */
  restore(texts: readonly (readonly [digest: string, text: string | null])[]): void {
    const restore = `UPDATE inputs SET text = value ->> 1 FROM json_each(?) WHERE digest = value ->> 0 AND text IS NULL`;
    inJsonBatches(texts, (json) => this.#sql.exec(restore, json));
  }

  /** Drops the texts of the inputs `first` to `last` that have a feature. */
  drop(first: number, last: number): void {
    this.#sql.exec(
      "UPDATE inputs SET text = NULL WHERE id BETWEEN ? AND ? AND block <> ? AND text IS NOT NULL",
      first,
      last,
      PENDING_BLOCK,
    );
  }

  /** Drops the texts of the inputs with these digests. */
  dropOf(digests: readonly string[]): void {
    const drop = "UPDATE inputs SET text = NULL WHERE digest IN (SELECT value FROM json_each(?)) AND text IS NOT NULL";
    this.#sql.exec(drop, JSON.stringify(digests));
  }
}
