// The policy of a head over HTTP: set, shown, applied, and its effect on promotions.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { JobEvent, JobView } from "../../src/contract/jobs.ts";
import type { Policy } from "../../src/contract/policy.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, must, train, upload } from "../support/service.ts";
import { until } from "../support/until.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("policies")).key;
});

const put = (head: string, body: unknown) => must<Policy>("PUT", `/v1/heads/${head}/policy`, { key, body });
const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const jobsOf = async (head: string) => (await must<Page<JobView>>("GET", `/v1/heads/${head}/jobs`, { key })).data;

/** The job's log about promotion. */
async function verdictOf(head: string, { id, version }: JobView): Promise<string> {
  const { data } = await must<Page<JobEvent>>("GET", `/v1/heads/${head}/jobs/${id}/events`, { key });
  const texts = data.flatMap(({ type, data: { text } }) => (type === "message" ? [String(text)] : []));
  return texts.find((text) => text.startsWith(`version ${version} `)) ?? "";
}

const FULL = {
  min_new_examples: 50,
  debounce_seconds: 30,
  max_age_seconds: 3_600,
  on_drift: true,
  quiet_hours: { from: "22:00", to: "06:00", utc_offset_minutes: 60 },
  recipe: "linear",
  options: { l2: 1 },
  promote: "always",
  metric: "macro_f1",
  min_gain: 0.01,
};

describe("the policy", () => {
  it("is shown as it was set, alone and in the head, and is replaced as a whole", async () => {
    const { policy: unset } = await makeHead(key, "shown");
    expect(unset).toEqual({ promote: "if_better", metric: "log_loss" });
    for (const [body, expected] of [
      [FULL, FULL],
      [{ min_new_examples: 5 }, { ...unset, min_new_examples: 5 }],
      [{}, unset],
    ]) {
      expect(await put("shown", body)).toEqual(expected);
      expect(await must("GET", "/v1/heads/shown/policy", { key })).toEqual(expected);
      expect((await show("shown")).policy).toEqual(expected);
    }
  });

  it.each([
    ["a minimum of nothing", { min_new_examples: 0 }, "/min_new_examples"],
    ["half an example", { min_new_examples: 1.5 }, "/min_new_examples"],
    ["a negative debounce", { debounce_seconds: -1 }, "/debounce_seconds"],
    ["an age of a year", { max_age_seconds: 31_536_000 }, "/max_age_seconds"],
    ["an invalid time of day", { quiet_hours: { from: "24:00", to: "06:00" } }, "/quiet_hours/from"],
    ["quiet hours without an end", { quiet_hours: { from: "22:00" } }, "/quiet_hours/to"],
    ["quiet hours all day", { quiet_hours: { from: "22:00", to: "22:00" } }, "/quiet_hours"],
    ["an unknown promotion", { promote: "sometimes" }, "/promote"],
    ["an unknown metric", { metric: "f2" }, "/metric"],
    ["a negative gain", { min_gain: -0.1 }, "/min_gain"],
    ["an option of a recipe that accepts none", { recipe: "update", options: { l2: 1 } }, "/options/l2"],
    ["an unknown field", { min_examples: 5 }, "/min_examples"],
  ])("is refused for %s with a pointer to it, and stays the same", async (title, body, pointer) => {
    const head = `refused-${title.length}-${title.split(" ").at(-1)}`;
    await makeHead(key, head);
    const answer = await call("PUT", `/v1/heads/${head}/policy`, { key, body });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect((await show(head)).policy).toEqual({ promote: "if_better", metric: "log_loss" });
  });
});

describe("a burst", () => {
  it("leads to a few jobs that learn from all of its 600 events, each in its own request", async () => {
    await makeHead(key, "burst");
    await put("burst", { min_new_examples: 10, debounce_seconds: 1 });
    const rows = Array.from({ length: 600 }, (_, i) => ({ ...corners(300)[i], id: `event-${i}` }));
    for (let at = 0; at < rows.length; at += 25) {
      await Promise.all(rows.slice(at, at + 25).map((row) => upload(key, "burst", [row])));
    }
    await until(async () => (await show("burst")).backlog.changes === 0);
    const jobs = await jobsOf("burst");
    expect(jobs.length).toBeLessThanOrEqual(3);
    for (const job of jobs) expect(job).toMatchObject({ status: "succeeded", trigger: { kind: "policy" } });
    expect((await show("burst")).backlog).toEqual({ changes: 0, train_at: null, refused: null });
    expect(await must(`GET`, `/v1/heads/burst/versions/${jobs.length}`, { key })).toMatchObject({
      dataset: { examples: 600 },
    });
  });

  it("may consist of feedback", async () => {
    await makeHead(key, "feedback");
    await put("feedback", { max_age_seconds: 1 });
    for (const { features, label } of corners(3)) {
      await must("POST", "/v1/heads/feedback/feedback", { key, body: { input: { features }, label } });
    }
    await until(async () => (await show("feedback")).live === 1);
  });
});

describe("promotion", () => {
  it("compares by the policy's metric and its min_gain, and the log reports the difference", async () => {
    await makeHead(key, "gain");
    await upload(key, "gain", corners());
    await train(key, "gain", { options: { l2: 1e6 } });
    await put("gain", { min_gain: 100 });
    const short = await verdictOf("gain", await train(key, "gain"));
    expect(short).toMatch(
      /^version 2 is not live: not better by enough: log_loss 0\.\d{4} against 0\.\d{4} .+ asks for 100$/,
    );
    await put("gain", { min_gain: 0.1 });
    expect(await verdictOf("gain", await train(key, "gain"))).toMatch(/^version 3 goes live: better: log_loss/);
    const worse = await verdictOf("gain", await train(key, "gain", { options: { l2: 1e6 } }));
    expect(worse).toMatch(/^version 4 is not live: not better: log_loss .+, worse by 0\.\d{4}$/);
    expect((await show("gain")).live).toBe(3);
    await put("gain", { metric: "accuracy" });
    expect(await verdictOf("gain", await train(key, "gain", { options: { l2: 1 } }))).toContain("accuracy 1.0000");
  });

  it("follows the job's setting before the policy's", async () => {
    await makeHead(key, "wish");
    await upload(key, "wish", corners());
    await put("wish", { promote: "never" });
    await train(key, "wish");
    expect((await show("wish")).live).toBeNull();
    await train(key, "wish", { promote: "always" });
    expect((await show("wish")).live).toBe(2);
  });
});
