// How much a head may still store and train, from its tenant's last allowance.
import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/core/problems.ts";
import { allowedOf, assertRoom, assertWork } from "../../src/lifecycle/allowance.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const totals = { trainedSeconds: 100, storageBytes: 5_000 };
const told = (trainingSecondsLeft: number, storageBytesLeft: number) =>
  allowedOf(totals, { trainingSecondsLeft, storageBytesLeft }, NOON);

const faultOf = (work: () => void): Fault["data"] | null => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as Fault).data;
  }
};

describe("the storage that a head may use", () => {
  it("lasts until the head has grown by the remaining bytes, and is available again when the head shrinks", () => {
    const allowed = told(0, 1_000);
    expect(faultOf(() => assertRoom(allowed, { storageBytes: 5_999 }))).toBeNull();
    expect(faultOf(() => assertRoom(allowed, { storageBytes: 6_000 }))?.code).toBe("quota_exceeded");
    expect(faultOf(() => assertRoom(told(0, -1), { storageBytes: 4_000 }))).toBeNull();
    expect(faultOf(() => assertRoom(null, totals))).toBeNull();
  });
});

describe("the training that a head may use", () => {
  it("lasts until the head has used the rest of the day, and the refusal says to retry at midnight (UTC)", () => {
    const allowed = told(50, 0);
    expect(faultOf(() => assertWork(allowed, { trainedSeconds: 149.9 }, NOON))).toBeNull();
    const fault = faultOf(() => assertWork(allowed, { trainedSeconds: 150 }, NOON + 1_500));
    expect(fault).toMatchObject({ code: "quota_exceeded", retryAfterSeconds: 12 * 3_600 - 1 });
  });

  it("is not limited by an allowance from another day", () => {
    expect(faultOf(() => assertWork(told(0, 0), totals, NOON + 12 * 3_600_000))).toBeNull();
    expect(faultOf(() => assertWork(told(0, 0), totals, NOON))?.code).toBe("quota_exceeded");
  });
});
