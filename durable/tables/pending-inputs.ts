// Stored inputs that have no feature yet, because the backbone was away when they came. The index of places gives them in the
// order of arrival, and no other read of inputs becomes slower.
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";

/** The block of a pending input: a number that no block has. */
export const PENDING_BLOCK = 0;

export interface PendingInput {
  readonly digest: string;
  readonly text: string | null;
  /** Number of failed attempts to embed the input, without those that found the backbone away. */
  readonly failures: number;
}

/** A pending input has no place in a block, so its slot counts its failures. The index of places then gives it last. */
const FAILURES = "slot";

const PENDING = `FROM inputs WHERE block = ${PENDING_BLOCK}`;

export class PendingInputs {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  has(): boolean {
    return this.#sql.exec(`SELECT 1 ${PENDING} LIMIT 1`).toArray().length > 0;
  }

  count(): number {
    return this.#sql.exec<{ inputs: number }>(`SELECT count(*) AS inputs ${PENDING}`).one().inputs;
  }

  /**
   * The first inputs: at most `most`, and only until their texts reach `chars` characters. An input that failed before comes
   * alone, after all others, so that it does not delay them.
   */
  next(most: number, chars: number): PendingInput[] {
    const query = `SELECT digest, text, ${FAILURES} AS failures ${PENDING} ORDER BY ${FAILURES}, id LIMIT ?`;
    const taken: PendingInput[] = [];
    let sum = 0;
    for (const row of this.#sql.exec<PendingInput & Record<string, SqlStorageValue>>(query, most)) {
      if (row.failures > 0 && taken.length > 0) break;
      taken.push(row);
      sum += row.text?.length ?? 0;
      if (sum >= chars || row.failures > 0) break;
    }
    return taken;
  }

  countFailure(inputs: readonly PendingInput[]): void {
    const count = `UPDATE inputs SET ${FAILURES} = ${FAILURES} + 1
      WHERE +block = ${PENDING_BLOCK} AND digest IN (SELECT value FROM json_each(?))`;
    this.#sql.exec(count, JSON.stringify(inputs.map(({ digest }) => digest)));
  }

  /** The id of an example whose input failed, if every pending input failed `failures` times or more; else null. */
  failedExample(failures: number): string | null {
    const [first] = this.next(1, 1);
    if (!first || first.failures < failures) return null;
    const query = "SELECT examples.id FROM examples JOIN inputs ON inputs.id = examples.input WHERE digest = ? LIMIT 1";
    return this.#sql.exec<{ id: string }>(query, first.digest).toArray()[0]?.id ?? null;
  }

  /** The digests among `digests` whose inputs are pending. */
  among(digests: readonly string[]): Set<string> {
    // The plus sign keeps SQLite from reading all pending inputs by the index of places.
    const query = `SELECT digest FROM inputs WHERE +block = ${PENDING_BLOCK} AND digest IN (SELECT value FROM json_each(?))`;
    return new Set(selectByKeys<{ digest: string }>(this.#sql, query, digests).map(({ digest }) => digest));
  }

  /** Sets the places of features that were stored for pending inputs. */
  place(places: readonly (readonly [digest: string, block: number, slot: number])[]): void {
    const update = `UPDATE inputs SET block = value ->> 1, slot = value ->> 2 FROM json_each(?) WHERE digest = value ->> 0`;
    inJsonBatches(places, (json) => this.#sql.exec(update, json));
  }
}
