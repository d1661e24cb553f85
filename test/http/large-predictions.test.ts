// Predictions of many inputs or of long bodies, which are parsed, scored and written in parts: they give the same answers as
// small ones.
import { beforeAll, describe, expect, it } from "vitest";
import type { Predictions } from "../../src/contract/predict.ts";
import type { Stats } from "../../src/contract/stats.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { PREDICT_WORK } from "../../src/core/work.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeTenant, makeTextHead, must, train, upload } from "../support/service.ts";
import { until } from "../support/until.ts";

const LABELS = 60;
const PATH = "/v1/heads/topics/predict";
/** Too much for one slice: 256 answers with so many labels. */
const INPUTS = Array.from({ length: LIMITS.inputsPerPredict }, (_, i) =>
  i % 50 === 7 ? { features: [i] } : { text: `alpha${i % LABELS} case ${i}` },
);

let key = "";
beforeAll(async () => {
  key = (await makeTenant("large-predictions")).key;
  await makeTextHead(key, "topics");
  const rows = Array.from({ length: 2 * LABELS }, (_, i) => ({
    text: `alpha${i >> 1} ${i}`,
    label: `topic ${i >> 1}`,
  }));
  await upload(key, "topics", rows);
  await train(key, "topics", { options: { l2: 0.1 }, recipe: "linear" });
});

const ask = (body: unknown): Promise<Predictions> => must<Predictions>("POST", PATH, { key, body });
const refusal = (body: string) => call("POST", PATH, { key, body, headers: { "Content-Type": "application/json" } });
/** White space that makes any body a large one. */
const PADDING = " ".repeat(LIMITS.wholeJsonBytes);
const padded = async (before: string, inputs: string, after: string): Promise<Predictions> => {
  const body = `{${before}"inputs":[${PADDING}${inputs}]${after}}`;
  return must<Predictions>("POST", PATH, { key, body, headers: { "Content-Type": "application/json" } });
};

describe("a prediction of 256 inputs", () => {
  it("answers each input as a small request does, with an error in the place of an invalid one", async () => {
    const { head, version, predictions } = await ask({ inputs: INPUTS, coverage: 0.9 });
    expect({ head, version }).toEqual({ head: "topics", version: 1 });
    const few: unknown[] = [];
    for (let at = 0; at < INPUTS.length; at += PREDICT_WORK.inputsAtOnce) {
      const inputs = INPUTS.slice(at, at + PREDICT_WORK.inputsAtOnce);
      few.push(...(await ask({ inputs, coverage: 0.9 })).predictions);
    }
    expect(predictions).toEqual(few);
  });

  it("counts as one request, and gives every answer an id while the head logs predictions", async () => {
    await must("PATCH", "/v1/heads/topics", { key, body: { log_hours: 1 } });
    const requestsOf = async (): Promise<number> =>
      (await must<Stats>("GET", "/v1/heads/topics/stats", { key })).versions.reduce(
        (sum, { requests }) => sum + requests,
        0,
      );
    await scheduler.wait(1_500);
    const before = await requestsOf();
    // The live version and the log setting are cached for two seconds: `strong` asks again.
    const { predictions } = await ask({ inputs: INPUTS, consistency: "strong" });
    const ids = predictions.flatMap((one) => ("id" in one ? [one.id] : []));
    expect(new Set(ids).size).toBe(INPUTS.filter((input) => "text" in input).length);
    await until(async () => (await requestsOf()) > before);
    expect(await requestsOf()).toBe(before + 1);
    await must("PATCH", "/v1/heads/topics", { key, body: { log_hours: 0 } });
  });
});

describe("a large body", () => {
  it("gives the same answers as a small one, with options before and after its inputs", async () => {
    const { predictions } = await ask({ inputs: INPUTS.slice(0, 9), top: 2, key: "caller" });
    const rows = INPUTS.slice(0, 9).map((input) => JSON.stringify(input));
    for (const [before, after] of [
      ['"top":2,', ',"key":"caller"'],
      ["", ',"top":2,"key":"caller"'],
    ] as const)
      expect((await padded(before, rows.join(" , "), after)).predictions).toEqual(predictions);
  });

  it("gets an error in the place of an input that is too long or has another form", async () => {
    const rows = ['{"text":"alpha1"}', `{"text":"${"a".repeat(LIMITS.lineBytes)}"}`, "[]", '{"features":[1,2]}'];
    const { predictions } = await padded("", rows.join(), "");
    const codes = predictions.map((one) => ("error" in one ? one.error.code : null));
    expect(codes).toEqual([null, "invalid_input", "invalid_input", "invalid_input"]);
    expect(predictions[1]).toMatchObject({
      error: { detail: expect.stringMatching(/the input is over 524288 bytes/) },
    });
  });

  it.each([
    ["more than 256 inputs", `{"inputs":[${PADDING}${'"",'.repeat(256)}""]}`, ["/inputs"]],
    ["inputs given twice", `{"inputs":[${PADDING}{"text":"a"}],"inputs":[{"text":"a"}]}`, ["/inputs"]],
    ["inputs given again as null", `{"inputs":[${PADDING}{"text":"a"}],"inputs":null}`, ["/inputs"]],
    ["inputs given again as a number", `{"inputs":[${PADDING}{"text":"a"}],"inputs":5}`, ["/inputs"]],
    ["inputs that are not an array", `{"inputs":{${PADDING}}}`, []],
    ["an unknown option", `{"inputs":[${PADDING}{"text":"a"}],"tops":1}`, ["/tops"]],
    ["an input that is not JSON", `{"inputs":[${PADDING}{"text":a}]}`, []],
    ["a character after its end", `{"inputs":[${PADDING}{"text":"a"}]}x`, []],
    ["options without end", `{"inputs":[{"text":"a"}],"key":"${PADDING}"}`, []],
  ])("is refused for %s", async (_, body, pointers) => {
    const answer = await refusal(body);
    expectProblem(answer, 400, "invalid_request");
    expect((answer.body.errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
  });
});
