// Jobs of a head, newest last. At most one is queued or running.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { JobView } from "../../src/contract/jobs.ts";
import { type Job, viewOfJob } from "../../src/lifecycle/job.ts";
import { numberCursor, pageOfRows, rowsToRead } from "../kit/pages.ts";

type Row = { seq: number; record: string };

export class JobTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(job: Job): void {
    const upsert = `INSERT INTO jobs (id, status, record) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, record = excluded.record`;
    this.#sql.exec(upsert, job.id, job.status, JSON.stringify(job));
  }

  get(id: string): Job | null {
    return this.#first("SELECT record FROM jobs WHERE id = ?", id);
  }

  /** The job that is queued or running. */
  open(): Job | null {
    return this.#first("SELECT record FROM jobs WHERE status IN ('queued', 'running')");
  }

  list(page: PageQuery): Page<JobView> {
    const query = "SELECT seq, record FROM jobs WHERE seq < ? ORDER BY seq DESC LIMIT ?";
    const rows = this.#sql.exec<Row>(query, numberCursor(page, Number.MAX_SAFE_INTEGER), rowsToRead(page)).toArray();
    return pageOfRows(
      rows,
      page,
      ({ seq }) => seq,
      ({ record }) => viewOfJob(JSON.parse(record) as Job),
    );
  }

  #first(query: string, ...values: string[]): Job | null {
    const row = this.#sql.exec<{ record: string }>(query, ...values).toArray()[0];
    return row ? (JSON.parse(row.record) as Job) : null;
  }
}
