// When a head trains by itself: decided from policy, backlog and clock.
import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/contract/policy.ts";
import * as Backlogs from "../../src/lifecycle/backlog.ts";
import { DEFAULT_POLICY, decideTraining, dueTraining, isFirstAsk } from "../../src/lifecycle/policy.ts";
import { seededRandom } from "../support/random.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const { EMPTY_BACKLOG, withChanges } = Backlogs;

const policyWith = (more: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...more });
const decide = (policy: Partial<Policy>, backlog: Backlogs.Backlog, now: number, isJobOpen = false) =>
  decideTraining(policyWith(policy), { backlog, isJobOpen }, now);

const train = { kind: "train", because: "policy" };
const wakeAt = (at: number) => ({ kind: "wake", at });
const nothing = { kind: "nothing" };

describe("a policy by the number of changes", () => {
  const policy = { min_new_examples: 10, debounce_seconds: 2 };
  const nine = withChanges(EMPTY_BACKLOG, 9, NOW);
  const ten = withChanges(nine, 1, NOW + 1_000);

  it("trains nothing below the minimum, and nothing at all if it is not set", () => {
    expect(decide(policy, nine, NOW + 1e9)).toEqual(nothing);
    expect(decide({}, withChanges(EMPTY_BACKLOG, 1e6, NOW), NOW + 1e12)).toEqual(nothing);
  });

  it("waits for the debounce after the last change, and then trains", () => {
    expect(decide(policy, ten, NOW + 1_000)).toEqual(wakeAt(NOW + 3_000));
    expect(decide(policy, ten, NOW + 2_999)).toEqual(wakeAt(NOW + 3_000));
    expect(decide(policy, ten, NOW + 3_000)).toEqual(train);
    expect(decide(policy, ten, NOW + 1e9)).toEqual(train);
  });

  it("trains at once if there is no debounce", () => {
    expect(decide({ ...policy, debounce_seconds: 0 }, ten, NOW + 1_000)).toEqual(train);
  });

  it("waits until the current job has ended", () => {
    expect(decide(policy, ten, NOW + 1e9, true)).toEqual(nothing);
  });

  it("waits for at most sixty debounces if changes keep arriving", () => {
    let backlog = EMPTY_BACKLOG;
    for (let ms = 0; ms <= 120_000; ms += 1_500) backlog = withChanges(backlog, 1, NOW + ms);
    expect(decide(policy, backlog, NOW + 119_999)).toEqual(wakeAt(NOW + 120_000));
    expect(decide(policy, backlog, NOW + 120_000)).toEqual(train);
  });
});

describe("a policy by the age of changes", () => {
  const policy = { max_age_seconds: 60 };
  const one = withChanges(EMPTY_BACKLOG, 1, NOW);

  it("trains when the first change has this age, however few or many changes follow", () => {
    const more = withChanges(one, 1, NOW + 59_000);
    for (const backlog of [one, more]) {
      expect(decide({ ...policy, min_new_examples: 1_000 }, backlog, NOW + 59_999)).toEqual(wakeAt(NOW + 60_000));
      expect(decide({ ...policy, min_new_examples: 1_000 }, backlog, NOW + 60_000)).toEqual(train);
    }
  });

  it("trains at this age even if the debounce is longer", () => {
    expect(decide({ ...policy, min_new_examples: 1, debounce_seconds: 3_600 }, one, NOW)).toEqual(wakeAt(NOW + 60_000));
  });
});

it("a policy trains on drift only if it says so", () => {
  const drifted = Backlogs.withDrift(EMPTY_BACKLOG, NOW);
  expect(decide({ on_drift: true }, drifted, NOW)).toEqual(train);
  expect(decide({ min_new_examples: 1, max_age_seconds: 1 }, drifted, NOW)).toEqual(nothing);
});

describe("quiet hours", () => {
  const policy = { min_new_examples: 1, debounce_seconds: 1, quiet_hours: { from: "13:00", to: "15:00" } };
  const NOON = NOW;
  const END = NOON + 3 * 3_600_000;

  it("move a training to their end, even if it was due before and is late", () => {
    expect(decide(policy, withChanges(EMPTY_BACKLOG, 1, NOON), NOON + 1_000)).toEqual(train);
    expect(decide(policy, withChanges(EMPTY_BACKLOG, 1, NOON), NOON + 3_600_000)).toEqual(wakeAt(END));
    expect(decide(policy, withChanges(EMPTY_BACKLOG, 1, NOON + 3_700_000), NOON + 3_700_000)).toEqual(wakeAt(END));
    expect(decide(policy, withChanges(EMPTY_BACKLOG, 1, NOON), END)).toEqual(train);
  });

  it("do not delay a training that a webhook requests", () => {
    const asked = Backlogs.withAsk(withChanges(EMPTY_BACKLOG, 1, NOON + 3_600_000), NOON + 3_600_000);
    expect(decide(policy, asked, NOON + 3_601_000)).toEqual({ kind: "train", because: "webhook" });
  });
});

describe("a webhook that requests a training", () => {
  const policy = policyWith({ debounce_seconds: 5 });

  it("starts one at once if no other request came within a debounce, whatever the policy is", () => {
    const asked = Backlogs.withAsk(EMPTY_BACKLOG, NOW);
    expect(isFirstAsk(DEFAULT_POLICY, EMPTY_BACKLOG, NOW)).toBe(true);
    expect(isFirstAsk(policy, asked, NOW + 4_999)).toBe(false);
    expect(isFirstAsk(policy, asked, NOW + 5_000)).toBe(true);
  });

  it("starts one after the debounce if another request came before", () => {
    const asked = Backlogs.withAsk(Backlogs.withAsk(EMPTY_BACKLOG, NOW), NOW + 3_000);
    expect(decide(policy, asked, NOW + 3_000)).toEqual(wakeAt(NOW + 8_000));
    expect(decide(policy, asked, NOW + 8_000)).toEqual({ kind: "train", because: "webhook" });
  });
});

describe("a training", () => {
  const changed = withChanges(EMPTY_BACKLOG, 10, NOW);
  const policy = { min_new_examples: 10, debounce_seconds: 1, max_age_seconds: 60 };

  it("includes all changes so far, and later changes count for the next training", () => {
    const reading = withChanges(Backlogs.withReading(changed, "job_1"), 3, NOW + 2_000);
    const after = Backlogs.afterVersion(reading);
    expect(after.changes).toBe(3);
    expect(decide(policy, after, NOW + 5_000)).toEqual(wakeAt(NOW + 62_000));
  });

  it("keeps its changes counted if it fails, and is not repeated before another change", () => {
    const failed = Backlogs.afterFailure(Backlogs.withReading(changed, "job_1"), null);
    expect(failed.changes).toBe(10);
    expect(decide(policy, failed, NOW + 1e9)).toEqual(nothing);
    expect(decide(policy, withChanges(failed, 1, NOW + 5_000), NOW + 6_000)).toEqual(train);
  });

  it("is not repeated before another change if it is refused", () => {
    const refused = Backlogs.afterFailure(changed, { code: "not_enough_examples", detail: "too few", at: NOW });
    expect(decide(policy, refused, NOW + 1e9)).toEqual(nothing);
    expect(decide(policy, withChanges(refused, 1, NOW + 5_000), NOW + 6_000)).toEqual(train);
  });

  it("includes all changes if it is killed while it reads and reads again", () => {
    const twice = Backlogs.withReading(withChanges(Backlogs.withReading(changed, "job_1"), 2, NOW), "job_1");
    expect(Backlogs.afterFailure(twice, null).changes).toBe(12);
    expect(Backlogs.afterVersion(twice).changes).toBe(0);
  });
});

/** A head under a policy with a simulated clock; alarms come late, and some come twice. */
class World {
  readonly #policy: Policy;
  readonly #random = seededRandom(45);
  readonly #jobMs: number;
  backlog = EMPTY_BACKLOG;
  /** Times at which jobs began. */
  readonly began: number[] = [];
  #jobEndsAt: number | null = null;
  #alarms: number[] = [];

  constructor(policy: Partial<Policy>, jobMs: number) {
    this.#policy = policyWith(policy);
    this.#jobMs = jobMs;
  }

  change(now: number): void {
    this.runUntil(now);
    this.backlog = withChanges(this.backlog, 1, now);
    this.#decide(now);
  }

  ask(now: number): void {
    this.change(now);
    const isNow = isFirstAsk(this.#policy, this.backlog, now) && this.#jobEndsAt === null;
    this.backlog = Backlogs.withAsk(this.backlog, now);
    if (isNow) this.#begin(now);
    else this.#decide(now);
  }

  runUntil(now: number): void {
    for (;;) {
      const next = Math.min(this.#jobEndsAt ?? Number.POSITIVE_INFINITY, ...this.#alarms);
      if (next > now) return;
      this.#alarms = this.#alarms.filter((at) => at > next);
      if (next === this.#jobEndsAt) this.#end();
      this.#decide(next, true);
    }
  }

  #end(): void {
    this.#jobEndsAt = null;
    this.backlog = Backlogs.afterVersion(this.backlog);
  }

  #begin(now: number): void {
    if (this.#jobEndsAt !== null) throw new Error("Two jobs at once");
    this.began.push(now);
    this.backlog = Backlogs.withReading(this.backlog, `job ${this.began.length}`);
    this.#jobEndsAt = now + this.#jobMs;
  }

  #decide(now: number, isAlarm = false): void {
    const question = { backlog: this.backlog, isJobOpen: this.#jobEndsAt !== null };
    const decision = decideTraining(this.#policy, question, now);
    if (decision.kind === "train" && isAlarm) this.#begin(now);
    else if (decision.kind !== "nothing") this.#wake(decision.kind === "wake" ? decision.at : now);
  }

  /** An alarm that is already set for an earlier time stays. */
  #wake(at: number): void {
    if (this.#alarms.some((earlier) => earlier <= at)) return;
    const late = at + this.#random.below(300);
    this.#alarms.push(late);
    if (this.#random.next() < 0.1) this.#alarms.push(late + this.#random.below(2_000));
  }
}

describe("a storm of 10,000 events in a minute", () => {
  const storm = (world: World, event: "change" | "ask"): World => {
    const random = seededRandom(7);
    for (let i = 0, now = NOW; i < 10_000; i++, now += random.below(13)) world[event](now);
    world.runUntil(NOW + 3_600_000);
    return world;
  };

  it.each([
    ["quick jobs", { min_new_examples: 1, debounce_seconds: 1 }, 100],
    ["slow jobs", { min_new_examples: 100, debounce_seconds: 2 }, 20_000],
    ["the debounce of policies that give none", { min_new_examples: 1 }, 50],
    ["a maximum age", { min_new_examples: 10, debounce_seconds: 5, max_age_seconds: 30 }, 1_000],
  ])("leads to at most five jobs, one at a time, that include all events: %s", (_, policy, jobMs) => {
    const { began, backlog } = storm(new World(policy, jobMs), "change");
    expect(began.length).toBeGreaterThanOrEqual(1);
    expect(began.length).toBeLessThanOrEqual(5);
    expect(backlog).toMatchObject({ changes: 0, changed: null });
  });

  it.each([20, 3_000, 30_000])(
    "leads to at most five jobs if each event requests a training, of %i ms, and the first starts at once",
    (jobMs) => {
      const { began, backlog } = storm(new World({}, jobMs), "ask");
      expect(began[0]).toBe(NOW);
      expect(began.length).toBeLessThanOrEqual(5);
      expect(backlog).toMatchObject({ changes: 0, asked: null });
    },
  );
});

it("no change becomes older than the maximum age plus a job, for random events", () => {
  const random = seededRandom(11);
  const [maxAgeMs, jobMs, lateMs] = [20_000, 3_000, 300];
  const world = new World({ min_new_examples: 50, debounce_seconds: 4, max_age_seconds: maxAgeMs / 1_000 }, jobMs);
  for (let i = 0, now = NOW; i < 2_000; i++, now += random.below(i % 40 === 0 ? 60_000 : 2_000)) {
    world.change(now);
    const oldest = world.backlog.changed?.first ?? now;
    expect(now - oldest).toBeLessThanOrEqual(maxAgeMs + jobMs + 2 * lateMs);
  }
});

it("an alarm is never set in the past, and a training starts at each alarm", () => {
  const random = seededRandom(3);
  for (let i = 0; i < 2_000; i++) {
    const policy = policyWith({
      min_new_examples: 1 + random.below(5),
      debounce_seconds: random.below(20),
      max_age_seconds: random.below(2) ? 1 + random.below(40) : undefined,
      quiet_hours: random.below(2) ? { from: "11:59", to: "12:01" } : undefined,
    });
    let backlog = EMPTY_BACKLOG;
    for (let n = random.below(8), at = NOW - 60_000; n > 0; n--, at += random.below(20_000))
      backlog = withChanges(backlog, 1, at);
    const now = NOW + random.below(60_000);
    const decision = decideTraining(policy, { backlog, isJobOpen: false }, now);
    if (decision.kind !== "wake") continue;
    expect(decision.at).toBeGreaterThan(now);
    expect(decideTraining(policy, { backlog, isJobOpen: false }, decision.at).kind).toBe("train");
    expect(dueTraining(policy, backlog, now)?.at).toBe(decision.at);
  }
});
