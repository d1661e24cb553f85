// Usage of a tenant, by day and head: counted in the Worker, reported to the tenant's object in batches, listed in pages.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { UsageRow } from "../../src/contract/usage.ts";
import { dayOf } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, makeTrainedHead, must, upload } from "../support/service.ts";
import { until } from "../support/until.ts";

const usage = (key: string, query = "") => must<Page<UsageRow>>("GET", `/v1/usage${query}`, { key });
const today = dayOf(Date.now());

/** Rows of other days, as they were written then. */
const backdate = (tenant: string, days: readonly string[], heads: readonly string[]) =>
  runInDurableObject(env.TENANTS.getByName(tenant), (_, { storage: { sql } }) => {
    for (const day of days) {
      for (const head of heads) sql.exec("INSERT INTO usage VALUES (?, ?, 1, 2, 3, 4.5, 6)", day, head);
    }
  });

describe("usage", () => {
  it("has the exact requests, inputs, examples, seconds of training and bytes of each head", async () => {
    const { key } = await makeTenant("used");
    await makeTrainedHead(key, "first");
    await makeHead(key, "second");
    const rows = corners(3);
    await upload(key, "second", rows);
    await upload(key, "second", rows);
    const inputs = Array.from({ length: 7 }, (_, i) => ({ features: [i, i] }));
    for (let i = 0; i < 5; i++) await must("POST", "/v1/heads/first/predict", { key, body: { inputs } });

    // The head reports its training once its alarm ends, a moment after the job.
    await until(async () => ((await usage(key)).data[1]?.training_seconds ?? 0) > 0);
    const { data, has_more, next } = await usage(key);
    expect({ has_more, next }).toEqual({ has_more: false, next: null });
    expect(data.map(({ day, head }) => [day, head])).toEqual([
      [today, null],
      [today, "first"],
      [today, "second"],
    ]);
    expect(data[1]).toMatchObject({ inputs: 35, examples: 20 });
    expect(data[1]?.storage_bytes).toBeGreaterThan(10_000);
    expect(data[2]).toMatchObject({ requests: 2, inputs: 0, examples: 6, training_seconds: 0 });
    expect(data[0]?.requests).toBeGreaterThanOrEqual(3);
  });

  it("is reported within seconds, without a request for it", async () => {
    const { key } = await makeTenant("by-itself");
    await makeHead(key, "h");
    await must("GET", "/v1/heads/h", { key });
    const counted = () =>
      runInDurableObject(env.TENANTS.getByName("by-itself"), (_, { storage: { sql } }) =>
        sql.exec("SELECT head, requests FROM usage ORDER BY head").toArray(),
      );
    await until(async () => (await counted()).some(({ head, requests }) => head === "h" && requests === 1));
  });

  it("is listed by day and head, in pages", async () => {
    const { key } = await makeTenant("listed");
    await makeHead(key, "b");
    const days = ["2026-01-30", "2026-01-31", "2026-02-01"];
    await backdate("listed", days, ["", "a", "b"]);
    const of = async (query: string) => (await usage(key, query)).data.map(({ day, head }) => `${day} ${head}`);
    expect(await of("?from=2026-01-31&to=2026-01-31")).toEqual(["2026-01-31 null", "2026-01-31 a", "2026-01-31 b"]);
    expect(await of("?from=2026-01-01&to=2026-02-28&head=a")).toEqual(days.map((day) => `${day} a`));
    const all: string[] = [];
    for (let after = ""; ; ) {
      const page = await usage(key, `?from=2026-01-01&to=2026-02-28&limit=2${after}`);
      all.push(...page.data.map(({ day, head }) => `${day} ${head}`));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(all).toEqual(await of("?from=2026-01-01&to=2026-02-28"));
    expect(all).toHaveLength(9);
    expect(await of("")).toEqual([`${today} null`]);
  });

  it("is deleted after 400 days, and counts nothing for unknown heads", async () => {
    const { key } = await makeTenant("forgotten");
    const old = [401, 399].map((days) => dayOf(Date.now() - days * 86_400_000));
    expect(LIMITS.usageDays).toBe(400);
    await backdate("forgotten", old, ["h"]);
    for (const head of ["x", "y", "z"]) await call("GET", `/v1/heads/${head}`, { key });
    const { data } = await usage(key, `?from=${old[0]}`);
    expect(data.map(({ day, head }) => [day, head])).toEqual([
      [old[1], "h"],
      [today, null],
    ]);
    expect(data[1]?.requests).toBe(4);
  });

  it.each(["?from=yesterday", "?to=2026-02-30", "?head=A b", "?after=x", "?day=2026-01-01"])(
    "is not shown for the query %s, and the answer names the field",
    async (query) => {
      const { key } = await makeTenant(`asked-${query.replaceAll(/[^a-z]/g, "")}`);
      const answer = await call("GET", `/v1/usage${query}`, { key });
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body.errors?.[0]?.pointer).toBe(`/${/\?(\w+)/.exec(query)?.[1]}`);
    },
  );
});
