// The memory budget of an isolate: how much is granted, in which order, and how it is released.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { MemoryBudget, reserveWithin } from "../../src/core/memory-budget.ts";

const MIB = 2 ** 20;
const CAPACITY = 80 * MIB;

function made() {
  let ms = 0;
  const now = (): number => ms;
  const wait = async (more: number): Promise<void> => {
    ms += more;
  };
  const pass = (more: number): void => {
    ms += more;
  };
  return { budget: new MemoryBudget(CAPACITY, now), now, wait, pass };
}

const asked = (key: string, mib: number, patient = true) => ({ key, bytes: mib * MIB, patient });

describe("a reservation", () => {
  it("is granted at once while memory is free, and releases all of it exactly once", () => {
    const { budget } = made();
    const first = budget.tryReserve(asked("a", 50));
    expect(budget.inUse).toBe(50 * MIB);
    expect(budget.tryReserve(asked("b", 40))).toBeNull();
    first?.release();
    first?.release();
    expect(budget.inUse).toBe(0);
    expect(budget.tryReserve(asked("b", 40))).not.toBeNull();
    expect([budget.inUse, budget.peak, budget.waiting]).toEqual([40 * MIB, 50 * MIB, 0]);
  });

  it("is granted in order of arrival: a small request does not overtake a large one that waits", () => {
    const { budget } = made();
    const held = budget.tryReserve(asked("held", 60));
    expect(budget.tryReserve(asked("large", 70))).toBeNull();
    expect(budget.tryReserve(asked("small", 1))).toBeNull();
    held?.release();
    expect(budget.tryReserve(asked("small", 1))).toBeNull();
    expect(budget.tryReserve(asked("large", 70))).not.toBeNull();
    expect(budget.tryReserve(asked("small", 1))).not.toBeNull();
  });

  it("overtakes a waiting training if its caller waits, but only for half a minute", () => {
    const { budget, pass } = made();
    const held = budget.tryReserve(asked("held", 80));
    budget.tryReserve(asked("training", 70));
    budget.tryReserve(asked("upload", 20, false));
    held?.release();
    expect(budget.tryReserve(asked("training", 70))).toBeNull();
    const upload = budget.tryReserve(asked("upload", 20, false));
    expect(upload).not.toBeNull();
    for (let i = 0; i < 4; i++) {
      pass(10_000);
      upload?.touch();
      expect(budget.tryReserve(asked("training", 70))).toBeNull();
    }
    expect(budget.tryReserve(asked("late upload", 20, false))).toBeNull();
    upload?.release();
    expect(budget.tryReserve(asked("late upload", 20, false))).toBeNull();
    expect(budget.tryReserve(asked("training", 70))).not.toBeNull();
  });

  it("is granted all memory, alone, if it requests more than there is", () => {
    const { budget } = made();
    const all = budget.tryReserve(asked("all", 200));
    expect(budget.inUse).toBe(CAPACITY);
    expect(budget.tryReserve(asked("next", 1))).toBeNull();
    all?.release();
    expect(budget.tryReserve(asked("next", 1))).not.toBeNull();
  });

  it("never delays a prediction, which reports that memory is wanted while there is too little", () => {
    const { budget } = made();
    budget.tryReserve(asked("training", 80));
    expect(budget.isWanted()).toBe(false);
    const prediction = budget.take(2 * MIB);
    expect([budget.inUse, budget.isWanted()]).toEqual([82 * MIB, true]);
    prediction.release();
    expect(budget.isWanted()).toBe(false);
  });

  it("reports that memory is wanted if a caller waits, but not if only another training waits", () => {
    const { budget } = made();
    budget.tryReserve(asked("training", 80));
    budget.tryReserve(asked("another", 10));
    expect(budget.isWanted()).toBe(false);
    budget.tryReserve(asked("upload", 8, false));
    expect(budget.isWanted()).toBe(true);
    budget.leave("upload");
    expect(budget.isWanted()).toBe(false);
  });
});

describe("growth of a reservation", () => {
  it("leaves memory for requests, and stops while a request waits", () => {
    const { budget } = made();
    const training = budget.tryReserve(asked("training", 10));
    expect(training?.grow(CAPACITY - 10 * MIB - LIMITS.requestMemoryBytes)).toBe(true);
    expect(training?.grow(1)).toBe(false);
    training?.shrink(20 * MIB);
    expect(training?.grow(MIB)).toBe(true);
    budget.tryReserve(asked("other", 79));
    expect(training?.grow(MIB)).toBe(false);
    training?.release();
    expect(budget.inUse).toBe(0);
    expect(training?.grow(MIB)).toBe(false);
  });
});

describe("a holder or requester that stops responding", () => {
  it("loses its place in the queue, and its reservation", () => {
    const { budget, pass } = made();
    budget.tryReserve(asked("gone", 80));
    budget.tryReserve(asked("waiting and gone", 80));
    pass(20_000);
    budget.tryReserve(asked("here", 10));
    expect(budget.waiting).toBe(1);
    pass(61_000);
    expect(budget.tryReserve(asked("here", 10))).not.toBeNull();
    expect(budget.inUse).toBe(10 * MIB);
  });

  it("does not lose what the isolate itself keeps loaded", () => {
    const { budget, pass } = made();
    const kept = budget.keep(20 * MIB);
    pass(3_600_000);
    expect(budget.tryReserve(asked("a", 70))).toBeNull();
    expect(budget.inUse).toBe(20 * MIB);
    kept.release();
    expect(budget.tryReserve(asked("a", 70))).not.toBeNull();
  });

  it("counts again if it was only slow, and keeps its reservation by refreshing it", () => {
    const { budget, pass } = made();
    const slow = budget.tryReserve(asked("slow", 30));
    for (let i = 0; i < 10; i++) {
      pass(30_000);
      slow?.touch();
    }
    budget.tryReserve(asked("other", 10));
    expect(budget.inUse).toBe(40 * MIB);
    pass(100_000);
    budget.tryReserve(asked("third", 1));
    expect(budget.inUse).toBe(MIB);
    slow?.touch();
    expect(budget.inUse).toBe(31 * MIB);
    slow?.release();
    slow?.touch();
    expect(budget.inUse).toBe(MIB);
  });
});

describe("memory that holders can load again", () => {
  it("is asked back for what waits at the front of the queue, and for what is taken beyond the capacity", () => {
    const { budget } = made();
    const asks: [number, boolean][] = [];
    const cache = budget.keep(60 * MIB);
    budget.onShort((bytes, isPatient) => {
      asks.push([bytes / MIB, isPatient]);
      if (!isPatient) cache.release();
    });
    const capacity = budget.capacity / MIB;
    expect(budget.tryReserve({ ...asked("training", 50), patient: true })).toBeNull();
    expect(budget.tryReserve({ ...asked("behind it", 50), patient: true })).toBeNull();
    budget.take(60 * MIB);
    expect(asks).toEqual([
      [110 - capacity, true],
      [120 - capacity, false],
    ]);
    expect(budget.inUse).toBe(60 * MIB);
  });
});

describe("waiting for memory", () => {
  it("returns the memory once it is free", async () => {
    const { budget, now, wait } = made();
    const held = budget.tryReserve(asked("held", 80));
    let looks = 0;
    const wait3 = async (ms: number): Promise<void> => {
      await wait(ms);
      if (++looks === 3) held?.release();
    };
    expect(await reserveWithin(budget, asked("next", 10), { now, wait: wait3 }, 1_000)).not.toBeNull();
    expect(looks).toBe(3);
  });

  it("returns null when time is up, without losing the place in the queue, or when the memory is no longer wanted", async () => {
    const { budget, now, wait } = made();
    budget.tryReserve(asked("held", 80));
    expect(await reserveWithin(budget, asked("late", 10), { now, wait }, 1_000)).toBeNull();
    expect(budget.waiting).toBe(1);
    const isWanted = (): boolean => false;
    expect(await reserveWithin(budget, asked("cancelled", 10), { now, wait, isWanted }, 1_000)).toBeNull();
  });
});
