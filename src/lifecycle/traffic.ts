// Decides which version answers which caller. Pure changes over a flat record: promote, split, shadow, and roll back.
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

export interface Share {
  readonly version: number;
  /** Share of the callers that it answers, relative to the sum of all weights. */
  readonly weight: number;
}

export type TrafficSplit = readonly Share[];

export interface Traffic {
  readonly split: TrafficSplit;
  /** A version that is scored in addition and recorded, but whose answers no caller receives. */
  readonly shadow: number | null;
  /** Earlier splits, newest last, for rollback. */
  readonly before: readonly TrafficSplit[];
}

/** The version that represents the head: the one with the largest weight; the newer one if weights are equal. */
export const primaryOf = ({ split }: Pick<Traffic, "split">): number =>
  [...split].sort((a, b) => b.weight - a.weight || b.version - a.version)[0]?.version as number;

/** Sends all callers to one version. If it is already the only live one, the history does not change. */
export function promote(traffic: Traffic | null, version: number): Traffic {
  return withSplit(traffic, [{ version, weight: 1 }], traffic?.shadow === version ? null : (traffic?.shadow ?? null));
}

export function withSplit(traffic: Traffic | null, split: TrafficSplit, shadow: number | null): Traffic {
  const before = traffic?.before ?? [];
  const isSame = traffic !== null && isSameSplit(traffic.split, split);
  return {
    split,
    shadow,
    before: isSame || !traffic ? before : [...before, traffic.split].slice(-LIMITS.splitsBefore),
  };
}

/** Whether both send every share of the callers to the same version, and have the same shadow. */
export const isSameTraffic = (a: Traffic, b: Traffic): boolean =>
  a.shadow === b.shadow && isSameSplit(a.split, b.split);

const isSameSplit = (a: TrafficSplit, b: TrafficSplit): boolean =>
  JSON.stringify(sharesOf(a)) === JSON.stringify(sharesOf(b));

/** Shares that add up to one, by version. */
function sharesOf(split: TrafficSplit): Share[] {
  const sum = split.reduce((total, { weight }) => total + weight, 0);
  return split.map(({ version, weight }) => ({ version, weight: weight / sum })).sort((a, b) => a.version - b.version);
}

/** Restores the previous split. A shadow that answers again is no longer a shadow. */
export function rollback({ split, shadow, before }: Traffic): Traffic {
  const last = before.at(-1);
  if (!last) throw new Fault("conflict", `Nothing was live before version ${primaryOf({ split })}`);
  const answers = last.some(({ version }) => version === shadow);
  return { split: last, shadow: answers ? null : shadow, before: before.slice(0, -1) };
}

/** The version for `stick` (32 bits, unsigned): the same value always gets the same version of a split. */
export function versionFor({ split }: Pick<Traffic, "split">, stick: number): number {
  const sum = split.reduce((total, { weight }) => total + weight, 0);
  let at = (stick / 2 ** 32) * sum;
  for (const { version, weight } of split) {
    if (at < weight) return version;
    at -= weight;
  }
  return primaryOf({ split });
}
