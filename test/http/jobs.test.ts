// Jobs: started, watched, cancelled, listed.
import { beforeAll, describe, expect, it } from "vitest";
import { serverSentEvents } from "../../src/client/server-sent-events.ts";
import type { Page } from "../../src/contract/common.ts";
import type { JobEvent, JobView } from "../../src/contract/jobs.ts";
import { expectProblem } from "../support/problems.ts";
import {
  call,
  corners,
  makeHead,
  makeTenant,
  makeTrainedHead,
  must,
  send,
  train,
  upload,
  waitForJob,
} from "../support/service.ts";

let key = "";
let done = "";
beforeAll(async () => {
  key = (await makeTenant("jobs")).key;
  await makeTrainedHead(key, "trained");
  done = (await must<Page<JobView>>("GET", "/v1/heads/trained/jobs", { key })).data[0]?.id as string;
});

const start = (head: string, body?: unknown) => call("POST", `/v1/heads/${head}/jobs`, { key, body });
const events = (head: string, job: string, query = "") =>
  must<Page<JobEvent>>("GET", `/v1/heads/${head}/jobs/${job}/events${query}`, { key });

describe("a request for a job", () => {
  it("is answered with 202, the queued job and its location, and then version 1 is trained", async () => {
    await makeHead(key, "fresh");
    await upload(key, "fresh", corners());
    const answer = await call<JobView>("POST", "/v1/heads/fresh/jobs", { key });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("Location")).toBe(`/v1/heads/fresh/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^job_/),
      status: "queued",
      progress: 0,
      trigger: { kind: "api" },
      version: null,
      error: null,
      started_at: null,
      finished_at: null,
      seed: 0,
      recipe: "auto",
    });
    const ended = await waitForJob(key, "fresh", answer.body.id);
    expect(ended).toMatchObject({ status: "succeeded", progress: 1, version: 1, error: null });
    const { created_at: made, started_at: started, finished_at: finished } = ended;
    expect([made, started, finished].map(String)).toEqual([made, started, finished].map(String).sort());
  });

  it("is answered with 409 job_running and the id of the running job, which then succeeds", async () => {
    await makeHead(key, "busy", { dimension: 256 });
    const vector = (i: number) => Array.from({ length: 256 }, (_, k) => Math.sin(i * 31 + k));
    const rows = Array.from({ length: 400 }, (_, i) => ({ features: vector(i), label: `l${i % 8}` }));
    await upload(key, "busy", rows);
    const { id } = await must<JobView>("POST", "/v1/heads/busy/jobs", { key, body: {} });
    const second = await start("busy", {});
    expectProblem(second, 409, "job_running");
    expect(second.body.job).toBe(id);
    expect(await waitForJob(key, "busy", id)).toMatchObject({ status: "succeeded", version: 1 });
    await train(key, "busy", { options: { l2: 1 } });
  });

  it.each([
    ["no examples", [], []],
    ["one label", [["only", 3]], ["only"]],
    [
      "one example of a label",
      [
        ["rare", 1],
        ["common", 3],
      ],
      ["rare"],
    ],
  ] as [string, [string, number][], string[]][])(
    "is answered with 422 for %s, naming the labels that lack examples",
    async (title, labels, named) => {
      const head = title.replaceAll(" ", "-");
      await makeHead(key, head);
      const rows = labels.flatMap(([label, n]) => Array.from({ length: n }, (_, i) => ({ features: [i, n], label })));
      if (rows.length > 0) await upload(key, head, rows);
      const answer = await start(head, {});
      expectProblem(answer, 422, "not_enough_examples");
      for (const label of named) expect(answer.body.detail).toContain(`"${label}"`);
      expect((answer.body.labels as { label: string }[]).map(({ label }) => label)).toEqual(named);
      expect((await must<Page<JobView>>("GET", `/v1/heads/${head}/jobs`, { key })).data).toEqual([]);
    },
  );

  it("is refused if fixed labels have too few examples", async () => {
    await makeHead(key, "fixed", { labels: ["a", "b", "c"] });
    await upload(
      key,
      "fixed",
      [1, 2, 3].map((n) => ({ features: [n, n], label: "b" })),
    );
    const answer = await start("fixed");
    expectProblem(answer, 422, "not_enough_examples");
  });
});

describe("a job", () => {
  it("is shown alone and in the list, newest first, in pages", async () => {
    await makeTrainedHead(key, "several");
    for (const seed of [1, 2]) await train(key, "several", { seed });
    const list = (query: string) => must<Page<JobView>>("GET", `/v1/heads/several/jobs?${query}`, { key });
    const all = await list("");
    expect(all.data.map(({ seed }) => seed)).toEqual([2, 1, 0]);
    const first = await list("limit=2");
    const second = await list(`limit=2&after=${first.next}`);
    expect([...first.data, ...second.data]).toEqual(all.data);
    expect([first.has_more, second.has_more, second.next]).toEqual([true, false, null]);
    expect(await must("GET", `/v1/heads/several/jobs/${all.data[1]?.id}`, { key })).toEqual(all.data[1]);
  });

  it("is not found by an unknown id, or in another head", async () => {
    await makeHead(key, "elsewhere");
    for (const path of ["trained/jobs/job_none", `elsewhere/jobs/${done}`]) {
      expectProblem(await call("GET", `/v1/heads/${path}`, { key }), 404, "not_found");
      expectProblem(await call("GET", `/v1/heads/${path}/events`, { key }), 404, "not_found");
      const streamed = await call("GET", `/v1/heads/${path}/events`, { key, headers: { Accept: "text/event-stream" } });
      expectProblem(streamed, 404, "not_found");
      expectProblem(await call("POST", `/v1/heads/${path}/cancel`, { key }), 404, "not_found");
    }
  });
});

describe("a cancellation", () => {
  it("ends the job without a version, informs its watchers, and lets another job start", async () => {
    await makeHead(key, "cancelled");
    await upload(key, "cancelled", corners());
    const { id } = await must<JobView>("POST", "/v1/heads/cancelled/jobs", { key, body: {} });
    const watch = send("GET", `/v1/heads/cancelled/jobs/${id}/events`, {
      key,
      headers: { Accept: "text/event-stream" },
    });
    const cancelled = await must<JobView>("POST", `/v1/heads/cancelled/jobs/${id}/cancel`, { key });
    expect(cancelled).toMatchObject({ id, status: "cancelled", version: null, error: null });
    expect(cancelled.finished_at).not.toBeNull();
    expect(await (await watch).text()).toContain("event: cancelled\n");
    expect((await must<Page<unknown>>("GET", "/v1/heads/cancelled/versions", { key })).data).toEqual([]);
    await train(key, "cancelled");
    expect(await must("GET", `/v1/heads/cancelled/jobs/${id}`, { key })).toEqual(cancelled);
  });

  it("is answered with 409 if the job has ended", async () => {
    expectProblem(await call("POST", `/v1/heads/trained/jobs/${done}/cancel`, { key }), 409, "job_ended");
  });
});

describe("the deletion of a head", () => {
  it("ends its running job, and a new head with the id has no trace of the job", async () => {
    await makeHead(key, "deleted", { dimension: 256 });
    const vector = (i: number) => Array.from({ length: 256 }, (_, k) => Math.sin(i * 31 + k * k));
    const rows = Array.from({ length: 800 }, (_, i) => ({ features: vector(i), label: `l${i % 20}` }));
    await upload(key, "deleted", rows);
    const { id } = await must<JobView>("POST", "/v1/heads/deleted/jobs", { key, body: {} });
    const status = async () => (await must<JobView>("GET", `/v1/heads/deleted/jobs/${id}`, { key })).status;
    while ((await status()) === "queued") await scheduler.wait(5);
    expect((await call("DELETE", "/v1/heads/deleted", { key })).status).toBe(204);
    await scheduler.wait(200); // for work in progress to notice
    await makeHead(key, "deleted");
    await upload(key, "deleted", corners());
    expect((await must<Page<JobView>>("GET", "/v1/heads/deleted/jobs", { key })).data).toEqual([]);
    expect(await train(key, "deleted")).toMatchObject({ version: 1 });
  });
});

describe("the events of a job", () => {
  const stream = async (headers: Record<string, string> = {}) => {
    const all = { Accept: "text/event-stream", ...headers };
    const response = await send("GET", `/v1/heads/trained/jobs/${done}/events`, { key, headers: all });
    expect(response.headers.get("Content-Type")).toMatch(/^text\/event-stream/);
    const seen: { id: number; type: string; data: Record<string, unknown> }[] = [];
    for await (const { id, event, data } of serverSentEvents(response.body as ReadableStream<Uint8Array>)) {
      seen.push({ id: Number(id), type: event, data: JSON.parse(data) as Record<string, unknown> });
    }
    return seen;
  };

  it("are a JSON list without the Accept header, in order, from queued to succeeded", async () => {
    const { data, has_more: more } = await events("trained", done);
    expect(more).toBe(false);
    expect(data[0]).toMatchObject({ type: "progress", data: { phase: "queued", progress: 0 } });
    expect(data.at(-1)).toMatchObject({ type: "succeeded", data: { version: 1 } });
    expect(data.map(({ type }) => type)).toContain("metrics");
    expect(data.map(({ id }) => id)).toEqual(data.map(({ id }) => id).sort((a, b) => a - b));
    const progress = data.flatMap((event) => (typeof event.data.progress === "number" ? [event.data.progress] : []));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it("have pages by their ids", async () => {
    const all = await events("trained", done);
    const first = await events("trained", done, "?limit=2");
    const rest = await events("trained", done, `?after=${first.next}`);
    expect([...first.data, ...rest.data]).toEqual(all.data);
  });

  it("are streamed with Accept: text/event-stream, and end with the job", async () => {
    const { data } = await events("trained", done);
    const expected = data.map(({ id, type, data: inner, created_at }) => ({
      id,
      type,
      data: { ...inner, created_at },
    }));
    expect(await stream()).toEqual(expected);
  });

  it("continue after Last-Event-ID", async () => {
    const all = await stream();
    const last = all[1]?.id as number;
    expect(await stream({ "Last-Event-ID": String(last) })).toEqual(all.slice(2));
    expect(await stream({ "Last-Event-ID": String(all.at(-1)?.id) })).toEqual([]);
  });

  it("arrive while the job runs, for a watcher that connected before it ended", async () => {
    await makeHead(key, "watched");
    await upload(key, "watched", corners());
    const { id } = await must<JobView>("POST", "/v1/heads/watched/jobs", { key, body: {} });
    const headers = { Accept: "text/event-stream" };
    const text = await (await send("GET", `/v1/heads/watched/jobs/${id}/events`, { key, headers })).text();
    expect(text.match(/^event: succeeded$/gm)).toHaveLength(1);
  });
});
