// The rate budget of a minute, between its ledger and the Workers that spend it, for random demand.
import { describe, expect, it } from "vitest";
import {
  askOf,
  isLow,
  isShort,
  isSpendable,
  type LeaseBudget,
  openBudget,
  receive,
  remaining,
  trySpend,
} from "../../src/http/metering/lease-budget.ts";
import { type Granted, grantLease } from "../../src/lifecycle/budget.ts";
import { seededRandom } from "../support/random.ts";

const TICK_MS = 50;
const SETTLE_MS = 4_000;

interface Worker {
  readonly budget: LeaseBudget;
  settledAt: number;
}

/** A tenant's ledger, and Workers that ask it as the service's do. Calls take no time, and tests advance the clock. */
function simulate(limit: number, workers: number) {
  let granted: Granted = [];
  let now = 1_000_000_000_000 + 123;
  const all: Worker[] = Array.from({ length: workers }, () => ({ budget: openBudget(limit), settledAt: now }));
  const admitted: { at: number; amount: number }[] = [];
  let asks = 0;
  const settle = (worker: Worker): void => {
    asks++;
    worker.settledAt = now;
    const next = grantLease(granted, askOf(worker.budget, false), limit, Math.floor(now / 1_000));
    granted = next.granted;
    receive(worker.budget, next.lease, now);
  };
  const request = (index: number, amount = 1): boolean => {
    const worker = all[index] as Worker;
    const { budget } = worker;
    let spent = trySpend(budget, amount, now);
    if (!spent && !isShort(budget, amount, now)) {
      budget.waiting += amount;
      settle(worker);
      budget.waiting -= amount;
      spent = trySpend(budget, amount, now);
    }
    if (spent) admitted.push({ at: now, amount });
    if (spent && isLow(budget, now)) settle(worker);
    return spent;
  };
  const pass = (ms: number): void => {
    for (const end = now + ms; now < end; now += TICK_MS) {
      for (const worker of all) if (now - worker.settledAt >= SETTLE_MS && isSpendable(worker.budget)) settle(worker);
    }
  };
  return { request, pass, admitted, asks: () => asks, budgets: all.map(({ budget }) => budget) };
}

/** The most tokens within any 60 seconds. */
function mostInAMinute(admitted: readonly { at: number; amount: number }[]): number {
  let [most, sum, first] = [0, 0, 0];
  for (const { at, amount } of admitted) {
    sum += amount;
    while ((admitted[first]?.at ?? at) <= at - 60_000) sum -= admitted[first++]?.amount ?? 0;
    most = Math.max(most, sum);
  }
  return most;
}

describe("a Worker alone", () => {
  it.each([1, 2, 5, 60, 999, 6_000])("can use all %d requests at once, and none until a minute has passed", (limit) => {
    const { request, pass } = simulate(limit, 1);
    for (let i = 0; i < limit; i++) expect(request(0)).toBe(true);
    expect(request(0)).toBe(false);
    pass(55_000);
    expect(request(0)).toBe(false);
    pass(12_000);
    expect(request(0)).toBe(true);
  });

  it("can use the rest in one piece, and nothing above the limit", () => {
    const { request } = simulate(300, 1);
    expect(request(0, 256)).toBe(true);
    expect(request(0, 256)).toBe(false);
    expect(request(0, 44)).toBe(true);
    expect(request(0, 1)).toBe(false);
  });

  it("is not refused while it stays below the limit, minute after minute", () => {
    const { request, pass } = simulate(600, 1);
    for (let second = 0; second < 300; second++) {
      for (let i = 0; i < 9; i++) expect(request(0)).toBe(true);
      pass(1_000);
    }
  });

  it("reports the remaining tokens exactly", () => {
    const { request, budgets } = simulate(20, 1);
    for (let left = 19; left >= 0; left--) {
      request(0);
      expect(remaining(budgets[0] as LeaseBudget)).toBe(left);
    }
  });

  it("renews its lease about a hundred times for a million requests within the limit", () => {
    const { request, pass, asks } = simulate(6_000_000, 1);
    let refused = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      for (let i = 0; i < 1_000; i++) if (!request(0)) refused++;
      pass(100);
    }
    expect(refused).toBe(0);
    expect(asks()).toBeLessThan(150);
  });
});

describe("several Workers", () => {
  const cases = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => [
    { seed, limit: 100, workers: 8 },
    { seed, limit: 6_000, workers: 20 },
    { seed, limit: 60_000, workers: 5 },
  ]);

  it.each(cases)("admit at most 1.1 × $limit in any minute, and most of the limit ($workers, seed $seed)", (given) => {
    const { limit, workers, seed } = given;
    const random = seededRandom(seed);
    const { request, pass, admitted } = simulate(limit, workers);
    const minutes = 5;
    let asked = 0;
    for (let second = 0; second < minutes * 60; second++) {
      // Bursts and pauses, some with ten times the limit, on some of the Workers.
      const storm = Math.floor(second / 7) % 3 === 0 ? 10 : 0.8;
      const busy = 1 + random.below(workers);
      const demand = Math.ceil((limit / 60) * storm * random.next() * 2);
      for (let i = 0; i < demand; i++) request(random.below(busy));
      asked += demand;
      pass(1_000);
    }
    const all = admitted.reduce((sum, { amount }) => sum + amount, 0);
    expect(asked).toBeGreaterThan(limit * minutes);
    expect(mostInAMinute(admitted)).toBeLessThanOrEqual(limit * 1.1);
    expect(all).toBeGreaterThan(limit * minutes * 0.85);
  });

  it("are hardly ever refused if all of them together stay below nine tenths of the limit", () => {
    const random = seededRandom(3);
    const { request, pass } = simulate(6_000, 10);
    let [asked, refused] = [0, 0];
    for (let second = 0; second < 300; second++) {
      for (let i = 0; i < 90; i++, asked++) if (!request(random.below(10))) refused++;
      pass(1_000);
    }
    expect(refused / asked).toBeLessThan(0.01);
  });
});
