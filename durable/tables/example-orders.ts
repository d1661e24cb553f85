// The position of the last event of each example in its sender's order, and tombstones of deleted examples and groups. With these
// a late, older event changes nothing and restores nothing.
import type { Position } from "../../src/contract/mapping.ts";
import { DAY_MS } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { newerOf } from "../../src/webhooks/order.ts";
import { inJsonBatches, ROWS_A_TURN, selectByKeys } from "../kit/rows.ts";

/** The `source` of tombstones of examples: ids belong to the head. Tombstones of groups have the id of their source. */
const OF_EXAMPLES = "";

/** An example or a group, and the position of its event. */
export type PlacedName = readonly [name: string, position: Position];

type Stored = { name: string; position: Position };

export class ExampleOrderTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The position of the last event of each example, deletions included. Omits examples without one. */
  positionsOf(examples: readonly string[]): Map<string, Position> {
    const live = `SELECT example AS name, position FROM example_orders WHERE example IN (SELECT value FROM json_each(?))`;
    const positions = new Map<string, Position>();
    for (const row of [...selectByKeys<Stored>(this.#sql, live, examples), ...this.#buried(OF_EXAMPLES, examples)]) {
      const before = positions.get(row.name);
      positions.set(row.name, before === undefined ? row.position : newerOf(row.position, before));
    }
    return positions;
  }

  /** The positions at which groups of a source were deleted. */
  deletedGroups(source: string, groups: readonly string[]): Map<string, Position> {
    return new Map(this.#buried(source, groups).map(({ name, position }) => [name, position]));
  }

  #buried(source: string, names: readonly string[]): Stored[] {
    const query = `SELECT name, position FROM tombstones
      WHERE source = ? AND name IN (SELECT value FROM json_each(?))`;
    const found: Stored[] = [];
    inJsonBatches(names, (json) => found.push(...this.#sql.exec<Stored>(query, source, json)));
    return found;
  }

  /** Stores the position of the last event of each example, and removes their tombstones. */
  put(examples: readonly PlacedName[]): void {
    const upsert = `INSERT INTO example_orders (example, position)
      SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
      ON CONFLICT (example) DO UPDATE SET position = excluded.position`;
    const revive = "DELETE FROM tombstones WHERE source = ?1 AND name IN (SELECT value ->> 0 FROM json_each(?2))";
    inJsonBatches(examples, (json) => {
      this.#sql.exec(upsert, json);
      this.#sql.exec(revive, OF_EXAMPLES, json);
    });
  }

  buryExamples(examples: readonly PlacedName[], now: number): void {
    this.#bury(OF_EXAMPLES, examples, now);
  }

  buryGroups(source: string, groups: readonly PlacedName[], now: number): void {
    this.#bury(source, groups, now);
  }

  #bury(source: string, names: readonly PlacedName[], now: number): void {
    if (names.length === 0) return;
    const insert = `INSERT OR REPLACE INTO tombstones (source, name, position, deleted_at)
      SELECT ?1, value ->> 0, value ->> 1, ?3 FROM json_each(?2)`;
    inJsonBatches(names, (json) => this.#sql.exec(insert, source, json, now));
    this.#sql.exec("DELETE FROM tombstones WHERE seq <= (SELECT max(seq) FROM tombstones) - ?", LIMITS.tombstonesKept);
    const expired = "SELECT seq FROM tombstones WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?";
    const before = now - LIMITS.tombstoneDays * DAY_MS;
    this.#sql.exec(`DELETE FROM tombstones WHERE seq IN (${expired})`, before, ROWS_A_TURN);
  }

  /** Deletes the tombstones of a source's groups, some before each time it yields. */
  *removeInTurns(source: string): Generator<void> {
    const some = "SELECT seq FROM tombstones WHERE source = ? LIMIT ?";
    while (this.#sql.exec(`DELETE FROM tombstones WHERE seq IN (${some})`, source, ROWS_A_TURN).rowsWritten > 0) yield;
  }
}
