// The labels of a head and their numbers of examples. Triggers keep the counts exact.
import { normalLabel } from "../../src/core/labels.ts";

export interface LabelRow {
  readonly [column: string]: SqlStorageValue;
  readonly id: number;
  readonly name: string;
  readonly examples: number;
}

export class LabelTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  all(): LabelRow[] {
    return this.#sql.exec<LabelRow>("SELECT id, name, examples FROM labels ORDER BY id").toArray();
  }

  /** Ids of the labels that equal `label` once normalised. Heads that stored labels before normalisation may have several. */
  idsLike(label: string): number[] {
    const form = normalLabel(label);
    return this.all().flatMap(({ id, name }) => (normalLabel(name) === form ? [id] : []));
  }

  /** Ids of `names`. Adds names that are new. */
  idsOf(names: readonly string[]): Map<string, number> {
    const json = JSON.stringify([...new Set(names)]);
    this.#sql.exec("INSERT OR IGNORE INTO labels (name) SELECT value FROM json_each(?)", json);
    const query = "SELECT id, name FROM labels WHERE name IN (SELECT value FROM json_each(?))";
    const rows = this.#sql.exec<{ id: number; name: string }>(query, json);
    return new Map(rows.toArray().map(({ id, name }) => [name, id]));
  }

  /** Deletes labels that no example has. */
  prune(): void {
    this.#sql.exec("DELETE FROM labels WHERE examples = 0");
  }
}
