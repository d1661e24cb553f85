// The reports that Workers send after their answers, if the head is deleted and created again in the meantime.
import { expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { Stats } from "../../src/contract/stats.ts";
import { makeHead, makeTenant, makeTrainedHead, must } from "../support/service.ts";
import { until } from "../support/until.ts";

const CAPTURE_ALL = { capture: { rate: 1, keep_days: 7 } };
/** A Worker waits less than this before it reports. */
const REPORTED_MS = 2_000;

it("the reports of a head never count for a head that was created later with its id", async () => {
  const { key } = await makeTenant("reports");
  const path = "/v1/heads/head";
  const inputs = [{ features: [1, 1] }];
  await makeTrainedHead(key, "head");
  await must("PATCH", path, { key, body: CAPTURE_ALL });
  await must("POST", `${path}/predict`, { key, body: { inputs, consistency: "strong" } });
  await must("DELETE", path, { key });
  await makeHead(key, "head");
  await must("PATCH", path, { key, body: CAPTURE_ALL });
  await scheduler.wait(REPORTED_MS);
  expect((await must<Stats>("GET", `${path}/stats`, { key })).versions).toEqual([]);
  expect((await must<Page<unknown>>("GET", `${path}/captures`, { key })).data).toEqual([]);
});

it("the reports of a head count while the head is the same", async () => {
  const { key } = await makeTenant("reports-kept");
  await makeTrainedHead(key, "head");
  await must("POST", "/v1/heads/head/predict", { key, body: { inputs: [{ features: [1, 1] }] } });
  const versions = async () => (await must<Stats>("GET", "/v1/heads/head/stats", { key })).versions;
  await until(async () => (await versions()).length > 0);
  expect(await versions()).toMatchObject([{ version: 1, requests: 1, predictions: 1 }]);
});
