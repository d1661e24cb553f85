// Clients that disconnect while sending: no error is logged, and the received part has the same effect as before any other
// refusal.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { call, makeTenant, makeTextHead, makeTrainedHead, must } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hang-up")).key;
  await makeTrainedHead(key, "vectors");
  await makeTextHead(key, "texts");
});

/** A body that breaks off after `text`, like a lost connection. */
function brokenOff(text: string): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (isSent) controller.error(new Error("Network connection lost."));
      else controller.enqueue(new TextEncoder().encode(text));
      isSent = true;
    },
  });
}

async function leave(path: string, type: string, text: string, headers: Record<string, string>): Promise<Response> {
  const context = { waitUntil: () => undefined, passThroughOnException: () => undefined };
  const fields = { Authorization: `Bearer ${key}`, "Content-Type": type, ...headers };
  const request = new Request(`http://lastlayer.test${path}`, {
    method: "POST",
    headers: fields,
    body: brokenOff(text),
  });
  return createApp().fetch(request, env as never, context as never);
}

describe("a client that disconnects while it sends", () => {
  const line = '{"text":"one","label":"a"}\n';
  const told = { "Content-Length": "100000" };
  const once = { "Idempotency-Key": "left" };
  it.each<[string, string, string, string, Record<string, string>]>([
    ["a prediction", "/v1/heads/vectors/predict", "application/json", '{"inputs":[', told],
    ["a prediction of any length", "/v1/heads/vectors/predict", "application/json", '{"inputs":[', {}],
    ["rows of float32", "/v1/heads/vectors/predict", "application/vnd.lastlayer.f32", "abcd", told],
    ["a JSON upload", "/v1/heads/texts/examples", "application/json", '{"examples":[', told],
    ["an NDJSON upload", "/v1/heads/texts/examples", "application/x-ndjson", line, {}],
    ["a CSV upload", "/v1/heads/texts/examples", "text/csv", "text,label\none,a\n", {}],
    ["a file", "/v1/heads/vectors/versions/import", "application/json", "{", told],
    ["an upload with an Idempotency-Key", "/v1/heads/texts/examples", "application/x-ndjson", line, once],
    ["a key with an Idempotency-Key", "/v1/keys", "application/json", '{"scopes":', once],
  ])("%s causes no error in the log", async (_, path, type, text, headers) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const { status } = await leave(path, type, text, headers);
      expect(status).toBeLessThan(500);
      expect(log.mock.calls).toEqual([]);
    } finally {
      log.mockRestore();
    }
    const body = { inputs: [{ features: [1, 2] }] };
    await must("POST", "/v1/heads/vectors/predict", { key, body });
  });

  it("frees its Idempotency-Key for a repeated request", async () => {
    await leave("/v1/keys", "application/json", '{"scopes":', { "Idempotency-Key": "again" });
    const headers = { "Idempotency-Key": "again" };
    expect((await call("POST", "/v1/keys", { key, body: { scopes: ["read"] }, headers })).status).toBe(201);
  });
});
