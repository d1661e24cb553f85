// Bodies that are expensive to parse: millions of tiny values, names, nulls or characters. The body or its rows are refused
// before their parts are parsed, and the next request is answered.
import { beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeTenant, makeTextHead, makeTrainedHead, must } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("floods")).key;
  await makeTrainedHead(key, "vectors");
  await makeTextHead(key, "texts");
});

const MIB = 1024 * 1024;
const json = { "Content-Type": "application/json" };
const filled = (bytes: number, piece: string) => piece.repeat(Math.floor(bytes / piece.length));
/** `piece` repeated with commas between two brackets: about `bytes` in total. */
const list = (bytes: number, piece: string) => `[${filled(bytes, `${piece},`)}${piece}]`;
const names = (bytes: number) => `{${Array.from({ length: bytes / 12 }, (_, i) => `"k${i.toString(36)}":1`).join()}}`;
const post = (path: string, body: string) => call("POST", path, { key, body, headers: json });
const expectAlive = () => must("POST", "/v1/heads/vectors/predict", { key, body: { inputs: [{ features: [1, 1] }] } });

describe("a predict request", () => {
  it("is refused before it is parsed if it has 31 MB of nulls", async () => {
    const answer = await post("/v1/heads/vectors/predict", `{"inputs":[{"features":${list(31 * MIB, "null")}}]}`);
    expectProblem(answer, 413, "too_large");
    await expectAlive();
  });

  it("is refused above 8 MiB even without a declared length", async () => {
    const bytes = new TextEncoder().encode(`{"inputs":[{"features":${list(9 * MIB, "0")}}]}`);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += MIB) controller.enqueue(bytes.slice(at, at + MIB));
        controller.close();
      },
    });
    const answer = await call("POST", "/v1/heads/vectors/predict", { key, body, headers: json });
    expectProblem(answer, 413, "too_large");
  });

  it.each<[string, () => string, number]>([
    ["arrays in the inputs", () => `{"inputs":${list(7 * MIB, "[]")}}`, 413],
    ["objects in the inputs", () => `{"inputs":${list(7 * MIB, "{}")}}`, 413],
    ["inputs", () => `{"inputs":${list(MIB, '{"features":[1,1]}')}}`, 400],
    ["names in an unknown field", () => `{"inputs":[{"features":[1,1]}],"x":${names(7 * MIB)}}`, 413],
    ["a name of a field", () => `{"inputs":[{"features":[1,1]}],"${"x".repeat(7 * MIB)}":1}`, 400],
    ["a key that picks the version", () => `{"inputs":[{"features":[1,1]}],"key":"${"x".repeat(7 * MIB)}"}`, 400],
  ])("is refused if it has endless %s", async (_, body, status) => {
    const answer = await post("/v1/heads/vectors/predict", body());
    expectProblem(answer, status, status === 413 ? "too_large" : "invalid_request");
    expect(answer.text.length).toBeLessThan(10_000);
    await expectAlive();
  });

  it.each<[string, string, string]>([
    ["nulls", "vectors", `{"features":${list(7 * MIB, "null")}}`],
    ["numbers", "vectors", `{"features":${list(7 * MIB, "1")}}`],
    ["characters", "texts", `{"text":"${"x".repeat(7 * MIB)}"}`],
    ["base64", "vectors", `{"features":"${"A".repeat(7 * MIB)}"}`],
    ["an unknown field's numbers", "vectors", `{"x":${list(7 * MIB, "1")}}`],
  ])("gets one short error in the place of an input with too many %s", async (_, head, given) => {
    await trainTexts();
    const { predictions } = await must<{ predictions: { error?: { detail: string } }[] }>(
      "POST",
      `/v1/heads/${head}/predict`,
      { key, body: `{"inputs":[${given}]}`, headers: json },
    );
    expect(predictions.length).toBe(1);
    expect(predictions[0]?.error?.detail.length).toBeLessThan(1_000);
  });

  it("may have 256 rows of float32, and is refused for its bytes if it has more", async () => {
    const headers = { "Content-Type": "application/vnd.lastlayer.f32" };
    const rows = (bytes: number) =>
      call("POST", "/v1/heads/vectors/predict", { key, body: new Uint8Array(bytes), headers });
    expect((await rows(256 * 8)).status).toBe(200);
    expectProblem(await rows(257 * 8), 413, "too_large");
    expectProblem(await rows(9 * MIB), 413, "too_large");
  });
});

let trained = false;
async function trainTexts(): Promise<void> {
  if (trained) return;
  trained = true;
  const examples = ["a", "b"].flatMap((label) => [1, 2, 3].map((i) => ({ text: `${label} ${i} ${label}`, label })));
  await must("POST", "/v1/heads/texts/examples", { key, body: { examples } });
  const { id } = await must<{ id: string }>("POST", "/v1/heads/texts/jobs", { key, body: {} });
  for (let status = ""; status !== "succeeded"; await scheduler.wait(20)) {
    status = (await must<{ status: string }>("GET", `/v1/heads/texts/jobs/${id}`, { key })).status;
  }
}

describe("an upload", () => {
  it("is answered if 1,000 vectors have one number too many, and each vector is rejected", async () => {
    const row = `{"features":${list(8_190, "0")},"label":"a"}`;
    expect((JSON.parse(row) as { features: unknown[] }).features.length).toBe(LIMITS.dimensions);
    const long = `{"features":${list(8_192, "0")},"label":"a"}`;
    const answer = await post("/v1/heads/vectors/examples", `{"examples":${`[${Array(1_000).fill(long).join()}]`}}`);
    expect(answer.body).toMatchObject({ added: 0, rejected_total: 1_000 });
    await expectAlive();
  });

  it.each(["{}", "[]", "null"])(
    "is refused for the number of its examples, before any is parsed, if it has 31 MB of %s",
    async (item) => {
      const answer = await post("/v1/heads/vectors/examples", `{"examples":${list(31 * MIB, item)}}`);
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(["/examples"]);
      await expectAlive();
    },
  );

  it("rejects an example with 16 MB of names before it is parsed", async () => {
    const answer = await post("/v1/heads/vectors/examples", `{"examples":[${names(16 * MIB)}]}`);
    expect(answer.body).toMatchObject({ added: 0, rejected: [{ index: 0, code: "invalid_example" }] });
    await expectAlive();
  });

  it.each(["{}", "[]"])("is refused if its rows have more %s together than one body may have", async (item) => {
    const rows = Array(40).fill(`{"features":${list(600_000, item)}}`);
    expectProblem(await post("/v1/heads/vectors/examples", `{"examples":[${rows.join()}]}`), 413, "too_large");
    await expectAlive();
  });

  it("is refused for the number of its examples if one JSON body has 100,000", async () => {
    expectProblem(
      await post("/v1/heads/vectors/examples", `{"examples":${list(300_000, "{}")}}`),
      400,
      "invalid_request",
    );
  });
});

describe("any other body", () => {
  it.each([
    "/v1/heads",
    "/v1/keys",
    "/v1/endpoints",
    "/v1/heads/vectors/sources",
    "/v1/heads/vectors/jobs",
    "/v1/heads/vectors/feedback",
  ])("is refused above 4 MiB by POST %s", async (path) => {
    expectProblem(await post(path, `{"id":"${"x".repeat(5 * MIB)}"}`), 413, "too_large");
  });

  it.each<[string, string, string]>([
    ["labels of a head", "/v1/heads", `{"id":"x","task":"classification","labels":${list(MIB, '"a"')}}`],
    ["scopes of a key", "/v1/keys", `{"scopes":${list(MIB, '"read"')}}`],
    ["events of an endpoint", "/v1/endpoints", `{"url":"https://example.com","events":${list(MIB, '"*"')}}`],
    [
      "conditions of a mapping",
      "/v1/heads/vectors/sources",
      `{"scheme":"github","action":"add","mapping":{"when":${names(MIB)}}}`,
    ],
    [
      "rules of a mapping",
      "/v1/heads/vectors/sources",
      `{"scheme":"github","action":"add","mapping":${list(MIB, "{}")}}`,
    ],
  ])("is refused with a short answer if it has too many %s", async (_, path, body) => {
    const answer = await post(path, body);
    expect([400, 413]).toContain(answer.status);
    expect(answer.body.errors?.length ?? 0).toBeLessThanOrEqual(LIMITS.problemsListed);
    expect(answer.text.length).toBeLessThan(10_000);
  });
});
