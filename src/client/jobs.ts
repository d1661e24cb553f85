// Calls about jobs: trainings, and the stream of their events.
import type { Page, PageQuery } from "../contract/common.ts";
import type { JobEvent, JobView, NewJob } from "../contract/jobs.ts";
import { type Api, jsonBody, path } from "./api.ts";
import { ApiError } from "./api-error.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/** An event of a job as the stream sends it. */
export interface StreamedEvent {
  readonly id: number;
  readonly type: JobEvent["type"];
  readonly data: Readonly<Record<string, unknown>>;
}

export const jobCalls = (api: Api) => ({
  startJob: (head: string, job: NewJob = {}): Promise<JobView> =>
    api.json("POST", path`/v1/heads/${head}/jobs`, { body: jsonBody(job) }),

  /** A page of a head's jobs, newest first. */
  listJobs: (head: string, query?: PageQuery): Promise<Page<JobView>> =>
    api.json("GET", path`/v1/heads/${head}/jobs`, { query }),

  getJob: (head: string, job: string): Promise<JobView> => api.json("GET", path`/v1/heads/${head}/jobs/${job}`),

  cancelJob: (head: string, job: string): Promise<JobView> =>
    api.json("POST", path`/v1/heads/${head}/jobs/${job}/cancel`),

  /** Yields the events of a job after the one with the id `after`, until the job ends. Continues over broken connections. */
  watchJob: (head: string, job: string, after = 0): AsyncGenerator<StreamedEvent, void> =>
    resumed(api, path`/v1/heads/${head}/jobs/${job}/events`, after),
});

/** Gives up on a stream that breaks several times without an event. */
async function* resumed(api: Api, target: string, after: number): AsyncGenerator<StreamedEvent, void> {
  for (let last = after, broken = 0; ; broken++) {
    try {
      for await (const event of streamed(api, target, last)) {
        yield event;
        last = event.id;
        broken = 0;
      }
      return;
    } catch (error) {
      if (error instanceof ApiError || broken >= api.retries || api.signal?.aborted) throw error;
    }
  }
}

async function* streamed(api: Api, target: string, after: number): AsyncGenerator<StreamedEvent, void> {
  const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
  const { body } = await api.send("GET", target, { headers });
  if (!body) return;
  for await (const { id, event, data } of serverSentEvents(body)) {
    yield { id: Number(id), type: event as JobEvent["type"], data: JSON.parse(data) as StreamedEvent["data"] };
  }
}
