// The tables of a head's jobs: their records, their events, and the rows of the open one.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { EventTable } from "../../tables/events.ts";
import { JobTable } from "../../tables/jobs.ts";
import { SnapshotTable } from "../../tables/snapshot.ts";

export interface JobTables {
  readonly jobs: JobTable;
  readonly events: EventTable;
  readonly snapshot: SnapshotTable;
}

export const jobTables = (sql: SqlStorage, { task }: HeadConfig): JobTables => ({
  jobs: new JobTable(sql),
  events: new EventTable(sql),
  snapshot: new SnapshotTable(sql, task),
});
