// Events on their way out of a head: written in the transaction of what they report.
import type { HeadStore } from "./store.ts";

/** Notes an event of `type`. Call it inside the transaction of the change that it reports. */
export function emitEvent({ storage: { sql } }: HeadStore, type: string, data: object, now: number): void {
  const insert = "INSERT INTO events (job, type, data, created_at) VALUES ('', ?, ?, ?)";
  sql.exec(insert, type, JSON.stringify(data), now);
}
