// Events of jobs, in order. Written in the transaction of the change that they report, so a killed job reports nothing twice.
import type { JobEvent, JobEventType } from "../../src/contract/jobs.ts";
import { timestamp } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";

type Row = { id: number; type: JobEventType; data: string; created_at: number };

export class EventTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(job: string, type: JobEventType, data: Record<string, unknown>, now: number): void {
    const insert = "INSERT INTO events (job, type, data, created_at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, job, type, JSON.stringify(data), now);
    this.#sql.exec("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", LIMITS.eventsKept);
  }

  /** Events of `job` after the event `after`, oldest first. */
  after(job: string, after: number, limit: number): JobEvent[] {
    const query = "SELECT id, type, data, created_at FROM events WHERE job = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#sql.exec<Row>(query, job, after, limit).toArray().map(viewOfEvent);
  }
}

const viewOfEvent = ({ id, type, data, created_at }: Row): JobEvent => ({
  id,
  type,
  data: JSON.parse(data) as Record<string, unknown>,
  created_at: timestamp(created_at),
});
