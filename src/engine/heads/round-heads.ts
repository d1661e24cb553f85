// The heads behind a version's metrics: one per held-out fold, each fitted without its fold; none for a version judged by
// leave-one-out. Later candidates are compared with them on rows that neither has seen.
import { decodeRecord, encodeRecord } from "../../core/record.ts";
import { type TrainedHead, upgradedHead } from "./trained-head.ts";

export interface RoundHeads {
  readonly heads: readonly TrainedHead[];
  /** By round, the held-out inputs, as two int32 per digest. */
  readonly heldOut: readonly Int32Array[];
  /** `seq` of the newest example at training time. No head has seen later examples. */
  readonly lastExample: number;
  /** Number of examples of the head that were deleted before the training. */
  readonly deletions: number;
}

export const encodeRoundHeads = (heads: RoundHeads): Uint8Array<ArrayBuffer> => encodeRecord(heads);

/** Versions stored before rounds existed have one head, and no record of which rows it has seen. */
export function decodeRoundHeads(bytes: Uint8Array): RoundHeads {
  const record = decodeRecord<RoundHeads | TrainedHead>(bytes);
  return "heads" in record
    ? record
    : { heads: [upgradedHead(record)], heldOut: [], lastExample: Number.MAX_SAFE_INTEGER, deletions: 0 };
}

const keyOf = (high: number | undefined, low: number | undefined): string => `${high},${low}`;

/** Identifies a row: the first two words of its input's digest, and its example's `seq`. */
export interface KnownRow {
  readonly high: number;
  readonly low: number;
  readonly example: number;
}

/** Returns a function that finds the head that has not seen a row; null if every head may have seen it. */
export function headFinder({ heads, heldOut, lastExample }: RoundHeads): (row: KnownRow) => number | null {
  const rounds = new Map<string, number>();
  heldOut.forEach((words, round) => {
    for (let i = 0; i < words.length; i += 2) rounds.set(keyOf(words[i], words[i + 1]), round);
  });
  return ({ high, low, example }) => {
    const round = rounds.get(keyOf(high, low));
    return round ?? (example > lastExample && heads.length > 0 ? 0 : null);
  };
}
