// The key cache alone, with a simulated clock: the age of results, and which requests look up.
import { beforeEach, describe, expect, it } from "vitest";
import { KeyCache } from "../../src/http/auth/key-cache.ts";

interface Key {
  readonly tenant: string;
  readonly key: { readonly expiresAt: number | null };
}

const acme: Key = { tenant: "acme", key: { expiresAt: null } };

let now = 0;
let asked = 0;
/** The response of the tenant's object. */
let truth: Key | null = acme;
let background: Promise<unknown>[] = [];
let cache: KeyCache<Key>;

beforeEach(() => {
  [now, asked, truth, background] = [1_000_000, 0, acme, []];
  cache = new KeyCache<Key>({ now: () => now, wait: () => scheduler.wait(1), most: 3 });
});

const lookup = {
  ask: async (): Promise<Key | null> => {
    asked++;
    const said = truth;
    await scheduler.wait(5);
    return said;
  },
  waitUntil: (work: Promise<unknown>): void => {
    background.push(work);
  },
};
const find = async (hash = "h"): Promise<Key | null> => cache.find(hash, lookup);
const settled = () => Promise.all(background);

describe("a cached key", () => {
  it("is looked up once in ten seconds, for any number of concurrent or consecutive requests", async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => find()))).toEqual(Array(50).fill(acme));
    now += 9_999;
    for (let i = 0; i < 50; i++) expect(await find()).toBe(acme);
    expect(asked).toBe(1);
  });

  it("is looked up in the background after ten seconds, by one request only", async () => {
    await find();
    truth = null;
    now += 10_000;
    expect(await Promise.all([find(), find(), find()])).toEqual([acme, acme, acme]);
    expect(asked).toBe(2);
    await settled();
    expect(await find()).toBeNull();
  });

  it("is not used after twenty seconds, whether or not there were requests in between", async () => {
    await find();
    truth = null;
    now += 20_000;
    expect(await find()).toBeNull();
  });

  it("is as old as the start of its lookup", async () => {
    const ask = async () => {
      now += 15_000;
      return acme;
    };
    const slow = { ...lookup, ask };
    await cache.find("h", slow);
    truth = null;
    now += 5_000;
    expect(await find()).toBeNull();
  });

  it("is used for twenty seconds while lookups fail, and then fails too", async () => {
    await find();
    const broken = { ...lookup, ask: () => Promise.reject(new Error("unreachable")) };
    now += 19_999;
    expect(await cache.find("h", broken)).toBe(acme);
    await settled();
    now += 1;
    await expect(async () => cache.find("h", broken)).rejects.toThrow("unreachable");
  });

  it("stops being valid when it expires, to the millisecond", async () => {
    truth = { tenant: "acme", key: { expiresAt: now + 3_000 } };
    await find();
    truth = null;
    now += 2_999;
    expect(await find()).not.toBeNull();
    now += 1;
    expect(await find()).toBeNull();
  });

  it("is removed with its tenant at once, and is not restored by a lookup that began before", async () => {
    await find();
    const late = find("other");
    cache.forget("acme");
    truth = null;
    expect(await late).toBe(acme);
    expect(await find()).toBeNull();
    expect(await find("other")).toBeNull();
  });

  it("is looked up by another request if the request that looks it up has died", async () => {
    const dead = { ...lookup, ask: () => new Promise<never>(() => undefined) };
    void cache.find("h", dead);
    now += 3_000;
    expect(await find()).toBe(acme);
  });
});

it("the cache keeps a limited number of keys, and no invalid ones", async () => {
  for (const hash of ["a", "b", "c", "d"]) await find(hash);
  expect(asked).toBe(4);
  await find("d");
  expect(asked).toBe(4);
  await find("a");
  expect(asked).toBe(5);
  truth = null;
  await find("none");
  await find("none");
  expect(asked).toBe(7);
});
