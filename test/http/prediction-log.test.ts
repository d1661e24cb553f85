// The prediction log: feedback can refer to ids for as long as the head stores them, and no longer.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { Feedback } from "../../src/contract/feedback.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { Predictions } from "../../src/contract/predict.ts";
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { makePredictionId, PREDICTION_ID } from "../../src/core/prediction-ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { Tallies } from "../../src/serving/tallies.ts";
import { spaceOf } from "../support/older-heads.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTextHead, makeTrainedHead, must, train, upload } from "../support/service.ts";

const TENANT = "prediction-log";
let key = "";
beforeAll(async () => {
  key = (await makeTenant(TENANT)).key;
});

const patch = (head: string, body: object) => must<HeadView>("PATCH", `/v1/heads/${head}`, { key, body });
const ask = (head: string, inputs: readonly unknown[], more: object = {}) =>
  must<Predictions>("POST", `/v1/heads/${head}/predict`, { key, body: { inputs, ...more } });
const feedback = (head: string, body: Feedback) =>
  call<UploadResult>("POST", `/v1/heads/${head}/feedback`, { key, body });
const idsOf = ({ predictions }: Predictions): (string | undefined)[] =>
  predictions.map((prediction) => ("id" in prediction ? prediction.id : undefined));
const idOf = async (head: string, x: number): Promise<string> =>
  idsOf(await ask(head, [{ features: [x, x] }]))[0] as string;
const stubOf = async (head: string) => env.HEADS.getByName(`${TENANT}.${await spaceOf(TENANT)}/${head}`);
const inStorage = async <T>(head: string, work: (sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(await stubOf(head), (_, { storage }) => work(storage.sql));
const countKept = (head: string): Promise<number> =>
  inStorage(head, (sql) => sql.exec<{ n: number }>("SELECT count(*) AS n FROM predictions").one().n);
async function handedOver(head: string, count: number): Promise<void> {
  while ((await countKept(head)) < count) await scheduler.wait(50);
}

const OLD = makePredictionId(Date.now() - 3_600_000, systemRandom);

describe("predictions", () => {
  it("have no ids unless the head stores them", async () => {
    await makeTrainedHead(key, "silent");
    expect(await ask("silent", [{ features: [1, 1] }])).toMatchObject({ predictions: [{ label: "north" }] });
    expect(idsOf(await ask("silent", [{ features: [1, 1] }]))).toEqual([undefined]);
    expectProblem((await feedback("silent", { prediction: OLD, label: "north" })) as never, 404, "not_found");
  });

  it("have an id each while the head keeps a log, except for rejected inputs", async () => {
    await makeTrainedHead(key, "named");
    expect(await patch("named", { log_hours: 2 })).toMatchObject({ log_hours: 2 });
    const inputs = [{ features: [1, 1] }, { features: [1] }, { features: [-1, -1] }];
    const plain = await ask("named", inputs, { consistency: "strong" });
    const [one, refused, other] = idsOf(plain);
    expect([one, other].every((id) => PREDICTION_ID.test(id as string))).toBe(true);
    expect(one).not.toBe(other);
    expect(refused).toBeUndefined();
  });

  it("have an id in every task", async () => {
    await makeHead(key, "values", { task: "regression" });
    await upload(
      key,
      "values",
      [1, 2, 3, 4].map((x) => ({ features: [x, 1], value: x })),
    );
    await train(key, "values");
    await patch("values", { log_hours: 1 });
    const [prediction] = idsOf(await ask("values", [{ features: [2, 2] }]));
    expect((await feedback("values", { prediction, value: 7 })).body).toMatchObject({ added: 1 });
  });

  it("have an id only if they were captured while captures are on and the log is off", async () => {
    await makeTrainedHead(key, "captured");
    await patch("captured", { capture: { rate: 0, below: 0.9 } });
    const [doubtful, sure] = idsOf(await ask("captured", [{ features: [0, 0.01] }, { features: [3, 3] }]));
    expect(doubtful).toMatch(PREDICTION_ID);
    expect(sure).toBeUndefined();
    expect((await feedback("captured", { prediction: doubtful, label: "north" })).body).toMatchObject({ added: 1 });
    await patch("captured", { capture: null });
    expect(await countKept("captured")).toBe(0);
  });
});

describe("feedback that refers to a prediction", () => {
  it("adds the input with the label, both at once after the answer and later", async () => {
    await makeTextHead(key, "shop");
    const rows = ["money back", "refund please", "return it"].map((text) => ({ text, label: "refund" }));
    const others = ["where is it", "track parcel", "late"].map((text) => ({ text, label: "status" }));
    await upload(key, "shop", [...rows, ...others]);
    await train(key, "shop");
    await patch("shop", { log_hours: LIMITS.predictionLogHours });
    const [prediction] = idsOf(await ask("shop", [{ text: "Geld zurück, bitte 🙏" }]));
    expect(await feedback("shop", { prediction, label: "refund" })).toMatchObject({ status: 200, body: { added: 1 } });
    expect((await feedback("shop", { prediction, label: "refund" })).body).toMatchObject({ unchanged: 1 });
    const { data } = await must<Page<ExampleView>>("GET", "/v1/heads/shop/examples?q=geld", { key });
    expect(data).toMatchObject([{ text: "Geld zurück, bitte 🙏", label: "refund", source: "feedback" }]);
  });

  it("gets errors that point into its own body", async () => {
    await makeTrainedHead(key, "wrong");
    await patch("wrong", { log_hours: 1 });
    const input = { features: [1, 1] };
    const at = async (body: Feedback) => {
      const answer = await feedback("wrong", body);
      return [answer.status, (answer.body as never as { errors: { pointer: string }[] }).errors[0]?.pointer];
    };
    expect(await at({ label: "north" })).toEqual([400, "/input"]);
    expect(await at({ label: "north", input, prediction: OLD })).toEqual([400, "/prediction"]);
    expect(await at({ label: "north", prediction: "prd_1" })).toEqual([400, "/prediction"]);
    expect(await at({ label: "north", prediction: OLD })).toEqual([404, "/prediction"]);
  });

  it("finds the prediction after a restart of the head's object, and in no other head", async () => {
    await makeTrainedHead(key, "kept");
    await makeTrainedHead(key, "other");
    await patch("kept", { log_hours: 1 });
    await patch("other", { log_hours: 1 });
    const prediction = await idOf("kept", 2);
    await handedOver("kept", 1);
    await evictDurableObject(await stubOf("kept"));
    expect((await feedback("kept", { prediction, label: "north" })).body).toMatchObject({ added: 1 });
    expect((await feedback("other", { prediction, label: "north" })).status).toBe(404);
  });

  it("finds the prediction only while the head stores it, until the alarm deletes it", async () => {
    await makeTrainedHead(key, "aged");
    await patch("aged", { log_hours: 1 });
    const prediction = await idOf("aged", 2);
    await handedOver("aged", 1);
    await inStorage("aged", (sql) => {
      sql.exec("UPDATE predictions SET at = at - 3600000");
      sql.exec("UPDATE alarms SET at = 1 WHERE name = 'predictions'");
    });
    const answer = await feedback("aged", { prediction, label: "north" });
    expectProblem(answer as never, 404, "not_found");
    expect((answer.body as never as { detail: string }).detail).toContain("older than 1 hours");
    await runDurableObjectAlarm(await stubOf("aged"));
    expect(await countKept("aged")).toBe(0);
  });

  it("finds no prediction once the log is turned off, which deletes all of them", async () => {
    await makeTrainedHead(key, "off");
    await patch("off", { log_hours: 1 });
    const prediction = await idOf("off", 2);
    await handedOver("off", 1);
    expect(await patch("off", { log_hours: 0 })).toMatchObject({ log_hours: 0 });
    expect(await countKept("off")).toBe(0);
    expect((await feedback("off", { prediction, label: "north" })).status).toBe(404);
    const rpc = (await stubOf("off")) as unknown as HeadRpc;
    const late = { id: prediction, at: Date.now(), record: "{}" };
    await rpc.report({ tallies: [], captures: [], logged: [late] });
    expect(await countKept("off")).toBe(0);
  });

  it("is possible for a day at most, because log_hours may not be longer", async () => {
    await makeTrainedHead(key, "long");
    for (const hours of [25, -1, 0.5]) {
      const answer = await call("PATCH", "/v1/heads/long", { key, body: { log_hours: hours } });
      expectProblem(answer, 400, "invalid_request");
    }
  });
});

it("a report carries at most its limits of predictions, and the answers beyond have no id", () => {
  const prediction = { id: "p", at: 0, record: "0123456789" };
  const many = new Tallies();
  for (let i = 0; i < LIMITS.reportedPredictions; i++) expect(many.log(prediction)).toBe(true);
  expect(many.log(prediction)).toBe(false);
  const large = new Tallies();
  expect(large.log({ ...prediction, record: "x".repeat(LIMITS.reportedPredictionChars) })).toBe(true);
  expect(large.log(prediction)).toBe(false);
  expect(large.take().logged).toHaveLength(1);
  expect(large.log(prediction)).toBe(true);
});
