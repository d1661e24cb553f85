// Which version answers whom. Pure changes over a flat record: promoting, splitting, shadowing, and going back.
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

export interface Share {
  readonly version: number;
  /** Of the sum of all weights: how much of the callers it answers. */
  readonly weight: number;
}

export type Split = readonly Share[];

export interface Traffic {
  readonly split: Split;
  /** Scored beside the one that answers, and recorded; its answers reach nobody. */
  readonly shadow: number | null;
  /** The splits before this one, newest last: where rolling back goes. */
  readonly before: readonly Split[];
}

/** The version that stands for the head: the heaviest of the split, the newer of equals. */
export const primaryOf = ({ split }: Pick<Traffic, "split">): number =>
  [...split].sort((a, b) => b.weight - a.weight || b.version - a.version)[0]?.version as number;

/** All callers to one version. Promoting what alone is live changes nothing that could be gone back from. */
export function promote(traffic: Traffic | null, version: number): Traffic {
  return withSplit(traffic, [{ version, weight: 1 }], traffic?.shadow === version ? null : (traffic?.shadow ?? null));
}

export function withSplit(traffic: Traffic | null, split: Split, shadow: number | null): Traffic {
  const before = traffic?.before ?? [];
  const isSame = traffic !== null && sameSplit(traffic.split, split);
  return {
    split,
    shadow,
    before: isSame || !traffic ? before : [...before, traffic.split].slice(-LIMITS.splitsBefore),
  };
}

const sameSplit = (a: Split, b: Split): boolean => JSON.stringify(sharesOf(a)) === JSON.stringify(sharesOf(b));

/** Shares of one, by version. */
function sharesOf(split: Split): Share[] {
  const sum = split.reduce((total, { weight }) => total + weight, 0);
  return split.map(({ version, weight }) => ({ version, weight: weight / sum })).sort((a, b) => a.version - b.version);
}

/** The split before. A version that was a shadow and answers again is none any more. */
export function rollback({ split, shadow, before }: Traffic): Traffic {
  const last = before.at(-1);
  if (!last) throw new Fault("conflict", `Nothing was live before version ${primaryOf({ split })}`);
  const answers = last.some(({ version }) => version === shadow);
  return { split: last, shadow: answers ? null : shadow, before: before.slice(0, -1) };
}

/** Who has `stick` (32 bits, unsigned) always meets the same version of a split. */
export function versionFor({ split }: Pick<Traffic, "split">, stick: number): number {
  const sum = split.reduce((total, { weight }) => total + weight, 0);
  let at = (stick / 2 ** 32) * sum;
  for (const { version, weight } of split) {
    if (at < weight) return version;
    at -= weight;
  }
  return primaryOf({ split });
}
