// When a delivery is attempted again, when it has finally failed, and when its endpoint is disabled.
import { describe, expect, it } from "vitest";
import { retryAfterMs, retryWaitMs } from "../../src/webhooks/retry.ts";
import { verdictOnAttempt } from "../../src/webhooks/verdict.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const plain = { random: 0, retryAfterMs: null, scale: 1 };
const waitAfter = (attempts: number, more = {}) => retryWaitMs({ ...plain, attempts, ...more });
const verdict = (more = {}) =>
  verdictOnAttempt({ ...plain, attempts: 1, code: 500, failingSince: null, now: NOW, ...more });

describe("the schedule", () => {
  it("waits 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, and then stops", () => {
    const seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((s) => s * 1_000);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => waitAfter(attempts))).toEqual(seconds);
    expect(waitAfter(10)).toBeNull();
  });

  it("waits up to a fifth longer and never less, so that senders do not retry together", () => {
    expect(waitAfter(2, { random: 0.5 })).toBe(330_000);
    expect(waitAfter(2, { random: 0.999_999 })).toBeLessThanOrEqual(360_000);
  });

  it("follows a longer Retry-After, up to a day, and ignores a shorter one", () => {
    expect(waitAfter(1, { retryAfterMs: 60_000 })).toBe(60_000);
    expect(waitAfter(2, { retryAfterMs: 60_000 })).toBe(300_000);
    expect(waitAfter(1, { retryAfterMs: 40 * DAY })).toBe(DAY);
    expect(waitAfter(10, { retryAfterMs: 60_000 })).toBeNull();
  });

  it("is shortened by the setting for tests", () => {
    expect(waitAfter(3, { scale: 0.001 })).toBe(1_800);
    expect(waitAfter(3, { scale: 0 })).toBe(0);
  });
});

describe("Retry-After", () => {
  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Mon, 23 Nov 2026 00:02:00 GMT", 120_000],
    ["Sun, 22 Nov 2026 00:00:00 GMT", 0],
    ["-1", null],
    ["1.5", null],
    ["0x10", null],
    ["soon", null],
    ["NaN", null],
    ["", null],
    [null, null],
  ])("%j is %j ms", (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });
});

describe("an attempt", () => {
  it.each([200, 201, 202, 204, 299])("is the last if the answer is %d, and resets the endpoint's failures", (code) => {
    expect(verdict({ code, failingSince: NOW - DAY })).toEqual({
      status: "succeeded",
      dueAt: null,
      failingSince: null,
      disable: null,
    });
  });

  it.each([null, 100, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503])(
    "is repeated if the answer is %j, and the endpoint counts as failing since then",
    (code) => {
      expect(verdict({ code })).toEqual({ status: "pending", dueAt: NOW + 5_000, failingSince: NOW, disable: null });
    },
  );

  it("is the last if it is the tenth and failed", () => {
    expect(verdict({ attempts: 10 })).toMatchObject({ status: "failed", dueAt: null, disable: null });
  });

  it("is the last if the answer is 410, and disables the endpoint", () => {
    expect(verdict({ code: 410 })).toMatchObject({ status: "failed", dueAt: null, disable: "gone" });
  });

  it("disables the endpoint if it fails and there was no success in five days", () => {
    expect(verdict({ failingSince: NOW - 5 * DAY + 1 })).toMatchObject({ disable: null });
    expect(verdict({ failingSince: NOW - 5 * DAY })).toMatchObject({ disable: "failing", failingSince: NOW - 5 * DAY });
  });
});
