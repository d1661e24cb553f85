// What a Worker knows of a head: never older than allowed while the object responds, still used when it does not, and requested
// by one request at a time.
import { beforeEach, describe, expect, it } from "vitest";
import type { ServingState } from "../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Pointers } from "../../src/serving/pointers.ts";

const MAX_AGE_MS = 2_000;
const state = (version: number): ServingState => ({
  born: 1,
  task: "classification",
  backbone: { id: "features", dimension: 2 },
  shadow: null,
  capture: null,
  versionsRemoved: 0,
  logHours: 0,
  older: [],
  split: [{ version, digest: `sha256:${version}`, weight: 1 }],
});

let now = 0;
let live = 1;
let asked = 0;
let reach: "well" | "fails" | "hangs" | "gone" = "well";
let pointers = new Pointers({ maxAgeMs: MAX_AGE_MS, now: () => now, wait: async () => undefined });
let under: Promise<unknown>[] = [];

beforeEach(() => {
  [now, live, asked, reach, under] = [100_000, 1, 0, "well", []];
  // Waiting takes no time here, but the clock advances as if it did.
  const wait = async (ms: number): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    now += ms;
  };
  pointers = new Pointers({ maxAgeMs: MAX_AGE_MS, now: () => now, wait });
});

const lookup = {
  async ask(): Promise<string> {
    asked++;
    if (reach === "fails") throw new Error("cannot be reached");
    if (reach === "gone")
      return JSON.stringify({ ok: false, fault: { code: "not_found", detail: "There is no such head" } });
    if (reach === "hangs") await new Promise(() => undefined);
    return JSON.stringify({ ok: true, value: state(live) });
  },
  waitUntil: (work: Promise<unknown>): void => void under.push(work),
};
const known = async () => {
  const { state: at, stale } = await pointers.known("acme.1/spam", lookup);
  return { version: at.split[0]?.version, stale };
};

describe("a head's state, while the object responds,", () => {
  it("is requested once, however many predictions arrive in a second", async () => {
    for (let i = 0; i < 50; i++) await known();
    expect(asked).toBe(1);
  });

  it("is refreshed after a response, not before it, once its age is half of the maximum", async () => {
    await known();
    live = 2;
    now += MAX_AGE_MS / 2;
    expect(await known()).toEqual({ version: 1, stale: false });
    await Promise.all(under);
    expect(await known()).toEqual({ version: 2, stale: false });
  });

  it("is never older than allowed, however long there was no request", async () => {
    await known();
    live = 2;
    now += 3_600_000;
    expect(await known()).toEqual({ version: 2, stale: false });
  });

  it("is requested by only one of many requests that find it old", async () => {
    await known();
    now += 1.5 * MAX_AGE_MS;
    await Promise.all(Array.from({ length: 20 }, known));
    expect(asked).toBe(2);
  });

  it("is requested again by the request that changed it", async () => {
    await known();
    live = 2;
    pointers.forget("acme.1/spam");
    expect(await known()).toEqual({ version: 2, stale: false });
  });

  it("is not stale if another request has just received the same state as before", async () => {
    const wait = (ms: number) => (ms < LIMITS.replicaWaitMs ? Promise.resolve() : new Promise<void>(() => undefined));
    pointers = new Pointers({ maxAgeMs: MAX_AGE_MS, now: () => now, wait });
    await known();
    now += 1.5 * MAX_AGE_MS;
    const answers = await Promise.all(Array.from({ length: 5 }, known));
    expect(answers).toEqual(answers.map(() => ({ version: 1, stale: false })));
  });

  it("is the object's current state for a request that needs it, and for all later ones", async () => {
    await known();
    live = 2;
    const { state: confirmed, stale } = await pointers.confirmed("acme.1/spam", lookup);
    expect({ version: confirmed.split[0]?.version, stale }).toEqual({ version: 2, stale: false });
    expect(await known()).toEqual({ version: 2, stale: false });
    expect(asked).toBe(2);
  });

  it("is separate for each head", async () => {
    await known();
    live = 7;
    const other = await pointers.known("acme.1/other", lookup);
    expect(other.state.split[0]?.version).toBe(7);
    expect(await known()).toMatchObject({ version: 1 });
  });
});

describe.each(["fails", "hangs"] as const)("a head's state, when a call to the object %s,", (how) => {
  it("is still used, and marked as stale", async () => {
    await known();
    reach = how;
    now += 10 * MAX_AGE_MS;
    expect(await known()).toEqual({ version: 1, stale: true });
  });

  it("is up to date again once the object is back", async () => {
    await known();
    reach = how;
    now += 10 * MAX_AGE_MS;
    await known();
    [reach, live] = ["well", 3];
    now += LIMITS.replicaWaitMs;
    expect(await known()).toEqual({ version: 3, stale: false });
  });
});

describe("a deleted head", () => {
  it("is deleted for predictions as well, and nothing of it stays cached", async () => {
    await known();
    reach = "gone";
    now += 2 * MAX_AGE_MS;
    await expect(known()).rejects.toThrow("There is no such head");
    [reach, live] = ["well", 9];
    expect(await known()).toMatchObject({ version: 9 });
  });
});

it("a state is not confirmed while the object is unreachable, even if it is known", async () => {
  await known();
  reach = "fails";
  await expect(pointers.confirmed("acme.1/spam", lookup)).rejects.toThrow("cannot be reached");
  expect(await known()).toEqual({ version: 1, stale: false });
});

it("a request for a state throws if the object is unreachable and no state is known", async () => {
  reach = "fails";
  await expect(known()).rejects.toThrow("cannot be reached");
});
