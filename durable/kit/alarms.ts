// Named alarms over the platform's single one. The table is authoritative; the platform alarm is its earliest row, set last.
import type { ObjectStorage } from "./closable-storage.ts";

export const ALARMS_SCHEMA = `
CREATE TABLE alarms (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
`;

export class Alarms<Name extends string> {
  readonly #storage: ObjectStorage;

  constructor(storage: ObjectStorage) {
    this.#storage = storage;
  }

  /** Wakes the object for `name` at `at` (ms since the epoch), or earlier if an earlier time was already set. */
  async set(name: Name, at: number): Promise<void> {
    this.note(name, at);
    await this.arm();
  }

  /** Like `set`, within a transaction. A later call of `arm` sets the platform's alarm. */
  note(name: Name, at: number): void {
    const upsert = "INSERT INTO alarms VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = min(at, excluded.at)";
    this.#storage.sql.exec(upsert, name, at);
  }

  /** Wakes the object for `name` at `at`, whatever time was set before. */
  async move(name: Name, at: number): Promise<void> {
    this.clear(name);
    await this.set(name, at);
  }

  clear(name: Name): void {
    this.#storage.sql.exec("DELETE FROM alarms WHERE name = ?", name);
  }

  /** When the object wakes for `name`; null if it does not. */
  at(name: Name): number | null {
    const query = "SELECT at FROM alarms WHERE name = ?";
    return this.#storage.sql.exec<{ at: number }>(query, name).toArray()[0]?.at ?? null;
  }

  due(now: number): Name[] {
    const rows = this.#storage.sql.exec<{ name: Name }>("SELECT name FROM alarms WHERE at <= ? ORDER BY at", now);
    return rows.toArray().map(({ name }) => name);
  }

  /**
   * Sets the platform alarm to the earliest row. PLATFORM: an alarm that had fired when the process died is not always
   * fired again, so objects also call this when they wake.
   */
  async arm(): Promise<void> {
    const { at } = this.#storage.sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM alarms").one();
    if (at !== null) await this.#storage.setAlarm(at);
  }
}
