// What the client sends: paths, headers and bodies; when it sends a request again; and what it throws.
import { describe, expect, it } from "vitest";
import { waitFor } from "../../src/client/api.ts";
import { ApiError, type Client, type ClientOptions, createClient, itemsOf } from "../../src/client/client.ts";
import { retryDelayMs } from "../../src/client/retry.ts";
import { textOf } from "../support/service.ts";

const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json(
    { type: `urn:lastlayer:problem:${code}`, title: "t", status, detail: `It is ${code}`, code, request_id: "req_1" },
    { status, headers: { ...headers, "Content-Type": "application/problem+json" } },
  );

/** A service that gives these answers in turn, and remembers requests and waits. */
function serviceOf(answers: readonly (() => Response | Promise<Response>)[], options: ClientOptions = {}) {
  const requests: Request[] = [];
  const waits: number[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    requests.push(new Request(url, init));
    const answer = answers[requests.length - 1];
    if (!answer) throw new Error("One request too many");
    return answer();
  };
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  const client = createClient("http://service.test", "ll_key", { fetch, wait, ...options });
  return { client, requests, waits };
}

const ok =
  (body: unknown = {}) =>
  () =>
    Response.json(body);
const noNetwork = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error) => (error instanceof ApiError ? error.code : String(error)),
  );

describe("a request", () => {
  it("keeps every parameter within its segment of the path", async () => {
    const { client, requests } = serviceOf([ok()]);
    await client.getExample("shop", "a/b c?d#é");
    expect(requests[0]?.url).toBe("http://service.test/v1/heads/shop/examples/a%2Fb%20c%3Fd%23%C3%A9");
    for (const id of ["", ".", ".."])
      expect(() => client.deleteExample("shop", id)).toThrow("cannot be part of a path");
    expect(requests).toHaveLength(1);
  });

  it("sends only the given parts of a query", async () => {
    const { client, requests } = serviceOf([ok(), ok()]);
    await client.listJobs("shop");
    await client.listLabelIssues("shop", { min_suspicion: 0.9, limit: 2 });
    expect(requests.map(({ url }) => new URL(url).search)).toEqual(["", "?min_suspicion=0.9&limit=2"]);
  });

  it("sends the key, except where a signature replaces it", async () => {
    const { client, requests } = serviceOf([ok(), ok()]);
    await client.getHead("shop");
    await client.receiveDelivery("src_1", "{}", { "webhook-id": "msg_1" });
    expect(requests.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer ll_key", null]);
    expect(requests[1]?.headers.get("webhook-id")).toBe("msg_1");
  });

  it("uploads rows as JSON, and files with their own content type", async () => {
    const { client, requests } = serviceOf([ok(), ok(), ok()]);
    await client.uploadExamples("shop", [{ text: "a", label: "b" }]);
    await client.uploadExamples("shop", { csv: "text,label\na,b" });
    await client.uploadExamples("shop", { ndjson: new Blob(['{"text":"a","label":"b"}']).stream() });
    expect(requests.map(({ headers }) => headers.get("Content-Type"))).toEqual([
      "application/json",
      "text/csv",
      "application/x-ndjson",
    ]);
    expect(await Promise.all(requests.map(textOf))).toEqual([
      '{"examples":[{"text":"a","label":"b"}]}',
      "text,label\na,b",
      '{"text":"a","label":"b"}',
    ]);
  });

  it("sends its Idempotency-Key with a POST only", async () => {
    const { client, requests } = serviceOf([ok(), ok()]);
    const once = client.with({ idempotencyKey: "order-7" });
    await once.startJob("shop");
    await once.getHead("shop");
    expect(requests.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(["order-7", null]);
  });
});

describe("an error", () => {
  it("carries the problem document, its code and the time to wait", async () => {
    const { client } = serviceOf([() => problem(429, "rate_limited", { "Retry-After": "7" })], { retries: 0 });
    const error = await client.getHead("shop").catch((thrown: unknown) => thrown as ApiError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 429,
      code: "rate_limited",
      retryAfterSeconds: 7,
      message: "It is rate_limited",
    });
    expect(error).toMatchObject({ problem: { request_id: "req_1" } });
  });

  it("has the code `unknown` if the answer does not come from the service", async () => {
    const { client } = serviceOf([() => new Response("<h1>Bad gateway</h1>", { status: 502 })], { retries: 0 });
    await expect(client.getHead("shop")).rejects.toMatchObject({ status: 502, code: "unknown", problem: null });
  });
});

describe("a failed request", () => {
  const busy = () => problem(503, "unavailable");

  it("is sent again if it may be repeated, after growing waits, and not more often than the options allow", async () => {
    const { client, requests, waits } = serviceOf([noNetwork, busy, ok({ id: "shop" })]);
    expect(await client.getHead("shop")).toEqual({ id: "shop" });
    expect(requests).toHaveLength(3);
    expect(waits[0]).toBeGreaterThanOrEqual(250);
    expect(waits[1]).toBeGreaterThanOrEqual(500);
    const { client: failing } = serviceOf([busy, busy], { retries: 1 });
    expect(await codeOf(failing.getHead("shop"))).toBe("unavailable");
  });

  it("is sent again as a POST only if it has an Idempotency-Key or changes nothing", async () => {
    const calls: [name: string, attempts: number, call: (client: Client) => Promise<unknown>][] = [
      ["startJob", 1, (client) => client.startJob("shop")],
      ["startJob with a key", 2, (client) => client.with({ idempotencyKey: "k" }).startJob("shop")],
      ["predict", 2, (client) => client.predict("shop", [{ text: "a" }])],
    ];
    for (const failure of [noNetwork, busy]) {
      for (const [name, attempts, call] of calls) {
        const { client, requests } = serviceOf([failure, ok()]);
        await call(client).catch(() => undefined);
        expect({ name, attempts: requests.length }).toEqual({ name, attempts });
      }
    }
  });

  it("waits as long as Retry-After says; a POST waits too after a 429, because that had no effect", async () => {
    const { client, waits } = serviceOf([() => problem(429, "rate_limited", { "Retry-After": "7" }), ok()]);
    await client.startJob("shop");
    expect(waits).toEqual([7_000]);
  });

  const gone = () => problem(404, "not_found");

  it("treats `not_found` as success for a repeated DELETE, whose first answer may have been lost", async () => {
    for (const lost of [noNetwork, busy]) {
      const { client, requests } = serviceOf([lost, gone]);
      expect(await client.deleteExample("shop", "a")).toBeUndefined();
      expect(requests).toHaveLength(2);
    }
  });

  it("fails as a DELETE that finds nothing if no earlier attempt can have deleted it", async () => {
    const limited = () => problem(429, "rate_limited", { "Retry-After": "1" });
    for (const answers of [[gone], [limited, gone]])
      expect(await codeOf(serviceOf(answers).client.deleteExample("shop", "a"))).toBe("not_found");
    const { client } = serviceOf([noNetwork, () => new Response("no such page", { status: 404 })]);
    expect(await codeOf(client.deleteExample("shop", "a"))).toBe("unknown");
    const { client: reading } = serviceOf([noNetwork, gone]);
    expect(await codeOf(reading.getExample("shop", "a"))).toBe("not_found");
  });

  it("is not sent again if the wait would be longer than a minute, such as for an exhausted quota", async () => {
    const { client, waits } = serviceOf([() => problem(429, "quota_exceeded", { "Retry-After": "3600" })]);
    expect(await codeOf(client.createHead({ id: "a", task: "regression", backbone: "features" }))).toBe(
      "quota_exceeded",
    );
    expect(waits).toEqual([]);
  });

  it("is not sent again after an error of the caller, or if its body is a stream", async () => {
    const { client } = serviceOf([() => problem(404, "not_found")]);
    expect(await codeOf(client.getHead("shop"))).toBe("not_found");
    const limited = serviceOf([() => problem(429, "rate_limited", { "Retry-After": "1" })]);
    const ndjson = new Blob(["{}"]).stream();
    expect(await codeOf(limited.client.uploadExamples("shop", { ndjson }))).toBe("rate_limited");
  });

  it("stops when its signal is aborted, even during a wait", async () => {
    const stop = new AbortController();
    const { client, requests } = serviceOf([busy, ok()]);
    const patient = client.with({ signal: stop.signal, wait: waitFor });
    setTimeout(() => stop.abort(new Error("enough")), 5);
    await expect(patient.getHead("shop")).rejects.toThrow("enough");
    expect(requests).toHaveLength(1);
  });

  it("backs off with jitter, at most 8 seconds", () => {
    const error = new TypeError("fetch failed");
    expect([0, 1, 2, 9].map((attempt) => retryDelayMs(error, attempt, true, () => 1))).toEqual([
      500, 1_000, 2_000, 8_000,
    ]);
    expect(retryDelayMs(error, 0, true, () => 0)).toBe(250);
  });
});

describe("lists and streams", () => {
  it("are read page by page", async () => {
    const pages = [
      ok({ data: ["a", "b"], has_more: true, next: "2" }),
      ok({ data: [], has_more: true, next: "3" }),
      ok({ data: ["c"], has_more: false, next: null }),
    ];
    const { client, requests } = serviceOf(pages);
    const items = await allOf(itemsOf((page) => client.listExamples("shop", { ...page, label: "x" })));
    expect(items).toEqual(["a", "b", "c"]);
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      "?label=x",
      "?after=2&label=x",
      "?after=3&label=x",
    ]);
  });

  const event = (id: number, type: string): string => `id: ${id}\nevent: ${type}\ndata: {"n":${id}}\n\n`;
  /** A stream that sends this text and then breaks. */
  const broken = (text: string) => () => {
    const pieces = [new TextEncoder().encode(text)];
    const pull = (controller: ReadableStreamDefaultController): void => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.error(new TypeError("terminated"));
    };
    return new Response(new ReadableStream({ pull }));
  };

  it("continue after the last event when the connection breaks", async () => {
    const answers = [broken(event(1, "progress") + event(2, "progress")), () => new Response(event(3, "succeeded"))];
    const { client, requests } = serviceOf(answers);
    const events = await allOf(client.watchJob("shop", "job_1"));
    expect(events.map(({ id, type }) => [id, type])).toEqual([
      [1, "progress"],
      [2, "progress"],
      [3, "succeeded"],
    ]);
    expect(requests.map(({ headers }) => headers.get("Last-Event-ID"))).toEqual(["0", "2"]);
  });

  it("give up when the connection breaks again and again without an event", async () => {
    const { client, requests } = serviceOf([broken(""), broken(""), broken("")]);
    await expect(allOf(client.watchJob("shop", "job_1"))).rejects.toThrow("terminated");
    expect(requests).toHaveLength(3);
  });

  it("yield every line of an export, even the last one without a line feed", async () => {
    const { client } = serviceOf([() => new Response('{"text":"a","label":"x"}\n{"text":"é","label":"y"}')]);
    expect(await allOf(client.exportExamples("shop"))).toEqual([
      { text: "a", label: "x" },
      { text: "é", label: "y" },
    ]);
  });
});
