// Rare labels and refused trainings, as callers and senders of webhooks see them.
import { beforeAll, describe, expect, it } from "vitest";
import type { DeliveryAnswer } from "../../src/contract/deliveries.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, must, train, upload } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("rare")).key;
});

const LONE = { features: [0.5, 9], label: "lone" };
const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });

describe("a job", () => {
  it("is answered with 422 for a rare label, unless it requests to leave such labels out", async () => {
    await makeHead(key, "asked");
    await upload(key, "asked", [...corners(), LONE]);
    for (const body of [{}, { rare_labels: "refuse" }]) {
      const answer = await call("POST", "/v1/heads/asked/jobs", { key, body });
      expectProblem(answer, 422, "not_enough_examples");
      expect(answer.body.labels).toEqual([{ label: "lone", inputs: 1 }]);
    }
    expectProblem(
      await call("POST", "/v1/heads/asked/jobs", { key, body: { rare_labels: "drop" } }),
      400,
      "invalid_request",
    );
    await train(key, "asked", { rare_labels: "leave_out" });
    const version = await must<VersionView>("GET", "/v1/heads/asked/versions/1", { key });
    expect(version).toMatchObject({
      left_out: [{ label: "lone", examples: 1 }],
      dataset: { examples: 20, labels: ["north", "south"] },
    });
    expect(await must("POST", "/v1/heads/asked/versions/1/verify", { key })).toMatchObject({ same: true });
    await upload(key, "asked", [{ features: [0.25, 9], label: "lone" }]);
    await train(key, "asked");
    expect((await must<VersionView>("GET", "/v1/heads/asked/versions/2", { key })).left_out).toEqual([]);
  });
});

describe("deliveries that request a training", () => {
  const source = (head: string, action: "add_and_train" | "train") =>
    makeSource(key, head, {
      scheme: "standard-webhooks",
      action,
      mapping: action === "train" ? undefined : { features: "/x", label: "/l" },
    });

  it("still train if a label has only one example", async () => {
    await makeHead(key, "goes-on");
    await must("PUT", "/v1/heads/goes-on/policy", { key, body: { promote: "always", debounce_seconds: 0.2 } });
    await upload(key, "goes-on", corners());
    const from = await source("goes-on", "add_and_train");
    expect((await deliver(from, { x: LONE.features, l: "typo" })).body).toMatchObject({ outcome: "added" });
    for (let live = null as HeadView["live"]; live === null; live = (await show("goes-on")).live)
      await scheduler.wait(50);
    expect(await must("GET", "/v1/heads/goes-on/versions/1", { key })).toMatchObject({
      left_out: [{ label: "typo", examples: 1 }],
    });
  });

  it("each report why no training begins, and never that one does", async () => {
    await makeHead(key, "none");
    await must("PUT", "/v1/heads/none/policy", { key, body: { min_new_examples: 2, debounce_seconds: 60 } });
    const from = await source("none", "add_and_train");
    const answers: DeliveryAnswer[] = [];
    for (let i = 0; i < 6; i++) answers.push((await deliver(from, { x: [i, 1], l: "only" })).body);
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["added"]));
    expect(new Set(answers.map(({ reason }) => reason?.code))).toEqual(new Set(["not_enough_examples"]));
    expect((await show("none")).backlog.train_at).toBeNull();
    const trainer = await source("none", "train");
    expect((await deliver(trainer, {})).body).toMatchObject({
      outcome: "ignored",
      reason: { code: "not_enough_examples" },
    });
  });
});
