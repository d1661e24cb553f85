// A response before the whole request body was sent leaves the connection usable: the next request on it, of any tenant, is
// answered normally. Only a real connection shows this: over plain TCP, through the proxy that wrangler puts before the
// runtime, and to the runtime directly.
import { Agent, request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../src/contract/routes.ts";
import { ADMIN_KEY as BENCH_KEY, startServed } from "../bench/host/served-heads.ts";
import { ADMIN_KEY, removeFolder, start, temporaryFolder } from "./support.ts";

interface Sent {
  readonly key?: string | undefined;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The chunks of the body, each sent once the connection accepts it. */
  readonly pieces?: Iterable<Uint8Array>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isReused: boolean;
}

/** One connection, kept alive. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function send(base: string, method: string, path: string, { key, type, headers, pieces = [] }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const auth: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
    const content: Record<string, string> = type ? { "Content-Type": type } : {};
    const sending = httpRequest(base + path, { method, agent, headers: { ...auth, ...content, ...headers } });
    sending.on("error", reject).on("response", (response) => {
      let text = "";
      response.on("error", reject).on("data", (data) => {
        text += data;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, isReused: sending.reusedSocket }));
    });
    void write(sending, pieces);
  });
}

async function write(sending: ReturnType<typeof httpRequest>, pieces: Iterable<Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (sending.destroyed) return;
    if (!sending.write(piece)) await new Promise((resolve) => sending.once("drain", resolve).once("close", resolve));
  }
  sending.end();
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const MIB = 1 << 20;
function* bytes(count: number): Generator<Uint8Array> {
  for (let at = 0; at < count; at += MIB) yield new Uint8Array(Math.min(MIB, count - at)).fill(120);
}
function* csv(header: string, rows: string, mebibytes: number): Generator<Uint8Array> {
  yield utf8(header);
  const piece = utf8(rows.repeat(Math.ceil(MIB / rows.length)));
  for (let i = 0; i < mebibytes; i++) yield piece;
}

const services = [
  ["wrangler dev", async () => start(folder).then(({ url, kill }) => ({ url, admin: ADMIN_KEY, stop: kill }))],
  ["bare workerd", async () => startServed().then(({ url, stop }) => ({ url, admin: BENCH_KEY, stop }))],
] as const;
const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

describe.each(services)("the service on %s", (_, startIt) => {
  let [url, admin, key, other, reader] = ["", "", "", "", ""];
  let stop: () => Promise<void>;
  const json = async (path: string, by: string, body: object) =>
    JSON.parse(
      (await send(url, "POST", path, { key: by, type: "application/json", pieces: [utf8(JSON.stringify(body))] })).text,
    );
  const head = { id: "head", task: "classification", backbone: "text-embedded" };

  beforeAll(async () => {
    ({ url, admin, stop } = await startIt());
    key = (await json("/v1/tenants", admin, { id: "first" })).key;
    other = (await json("/v1/tenants", admin, { id: "other" })).key;
    reader = (await json("/v1/keys", key, { scopes: ["read"] })).key;
    for (const by of [key, other]) await json("/v1/heads", by, head);
  });
  afterAll(() => stop());

  /** Sends two more requests of another tenant on the same connection, and expects normal answers. */
  async function expectUnharmed(): Promise<void> {
    const row = { examples: [{ text: "a", label: "b" }] };
    for (let i = 0; i < 2; i++) {
      const next = { key: other, type: "application/json", pieces: [utf8(JSON.stringify(row))] };
      const { status, text, isReused } = await send(url, "POST", "/v1/heads/head/examples", next);
      expect({ status, isReused }, text).toEqual({ status: 200, isReused: true });
    }
  }

  const PATH = "/v1/heads/head/examples";
  const size = 3 * MIB;
  it.each<[string, string, string, number, () => Sent]>([
    [
      "a header with an unknown column",
      "POST",
      PATH,
      400,
      () => ({ key, type: "text/csv", pieces: csv("text,colour\n", "a,b\n", 3) }),
    ],
    ["no header", "POST", PATH, 400, () => ({ key, type: "text/csv", pieces: bytes(size) })],
    [
      "a quote that is never closed",
      "POST",
      PATH,
      200,
      () => ({ key, type: "text/csv", pieces: csv('text,label\n"', "a,b\n", 3) }),
    ],
    [
      "rows of which none is valid",
      "POST",
      PATH,
      200,
      () => ({ key, type: "text/csv", pieces: csv("text,label\n", ",\n", 3) }),
    ],
    [
      "lines of which none is JSON",
      "POST",
      PATH,
      200,
      () => ({ key, type: "application/x-ndjson", pieces: csv("", "x\n", 3) }),
    ],
    ["JSON over the limit", "POST", PATH, 413, () => ({ key, type: "application/json", pieces: bytes(40 * MIB) })],
    ["no key", "POST", PATH, 401, () => ({ type: "text/csv", pieces: bytes(size) })],
    ["a key with too small a scope", "POST", PATH, 403, () => ({ key: reader, type: "text/csv", pieces: bytes(size) })],
    ["an unknown head", "POST", "/v1/heads/nope/examples", 404, () => ({ key, type: "text/csv", pieces: bytes(size) })],
    ["an unknown path", "POST", "/v1/nope", 404, () => ({ key, type: "text/csv", pieces: bytes(size) })],
    ["an unsupported method", "PUT", PATH, 405, () => ({ key, type: "text/csv", pieces: bytes(size) })],
    ["an unsupported content type", "POST", PATH, 415, () => ({ key, type: "text/plain", pieces: bytes(size) })],
    [
      "an unsupported coding",
      "POST",
      PATH,
      415,
      () => ({ key, type: "text/csv", headers: { "Content-Encoding": "br" }, pieces: bytes(size) }),
    ],
    [
      "an Idempotency-Key that is too long",
      "POST",
      PATH,
      400,
      () => ({ key, type: "text/csv", headers: { "Idempotency-Key": "x".repeat(300) }, pieces: bytes(size) }),
    ],
    [
      "a bad header and an Idempotency-Key",
      "POST",
      PATH,
      400,
      () => ({
        key,
        type: "text/csv",
        headers: { "Idempotency-Key": `k${_}` },
        pieces: csv("text,colour\n", "a,b\n", 3),
      }),
    ],
    [
      "the same again",
      "POST",
      PATH,
      400,
      () => ({
        key,
        type: "text/csv",
        headers: { "Idempotency-Key": `k${_}` },
        pieces: csv("text,colour\n", "a,b\n", 3),
      }),
    ],
    [
      "a webhook that is too large",
      "POST",
      "/v1/hooks/src_nope",
      404,
      () => ({ type: "application/json", pieces: bytes(size) }),
    ],
    [
      "a body on a GET",
      "GET",
      "/healthz",
      200,
      () => ({ headers: { "Transfer-Encoding": "chunked" }, pieces: bytes(size) }),
    ],
    [
      "a body on the reference's route",
      "GET",
      "/openapi.json",
      200,
      () => ({ headers: { "Transfer-Encoding": "chunked" }, pieces: bytes(size) }),
    ],
  ])("answers the request and those after it for %s", async (_title, method, path, status, sent) => {
    const answer = await send(url, method, path, sent());
    expect(answer.status, answer.text.slice(0, 300)).toBe(status);
    await expectUnharmed();
  });

  /** A path of each route. Its slugs and ids name nothing that exists, except for the head. */
  const pathOf = (path: string): string => path.replace("{head}", "head").replaceAll(/\{\w+\}/g, "1");
  const bodied = Object.values(ROUTES).filter(({ route }) => route.method !== "get" && route.method !== "delete");

  it.each(bodied.map(({ route }) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
    "answers %s and the requests after it, whatever the body and the key are",
    async (_title, route) => {
      const [method, path] = [route.method.toUpperCase(), pathOf(route.path)];
      for (const by of [undefined, key]) {
        for (const type of ["application/json", "text/csv"]) {
          const { status } = await send(url, method, path, { key: by, type, pieces: bytes(MIB) });
          expect(status).toBeLessThan(500);
          await expectUnharmed();
        }
      }
    },
  );

  it("leaves a body above the limit to the runtime, and answers the next request", async () => {
    await send(url, "POST", PATH, { type: "text/csv", pieces: bytes(400 * MIB) }).catch(() => null);
    const next = { key: other, type: "application/json", pieces: [utf8('{"examples":[{"text":"a","label":"b"}]}')] };
    expect(await send(url, "POST", PATH, next)).toMatchObject({ status: 200 });
  });
});
