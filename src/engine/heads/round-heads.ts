// The heads that a version's metrics are of: one for every fold held out, none of which has seen the rows of its fold. A
// later candidate is compared with them, on rows that neither has seen.
import { decodeRecord, encodeRecord } from "../../core/record.ts";
import { type TrainedHead, upgradedHead } from "./trained-head.ts";

export interface RoundHeads {
  readonly heads: readonly TrainedHead[];
  /** By round, the inputs held out, as two int32 a digest; empty where there was one round. */
  readonly heldOut: readonly Int32Array[];
  /** Deletions of examples that its head had seen when it was trained. */
  readonly deletions: number;
}

export const encodeRoundHeads = (heads: RoundHeads): Uint8Array<ArrayBuffer> => encodeRecord(heads);

/** Versions of before there were rounds have one head. */
export function decodeRoundHeads(bytes: Uint8Array): RoundHeads {
  const record = decodeRecord<RoundHeads | TrainedHead>(bytes);
  return "heads" in record ? record : { heads: [upgradedHead(record)], heldOut: [], deletions: 0 };
}

const keyOf = (high: number | undefined, low: number | undefined): string => `${high},${low}`;

/** Which head did not see an input; the first for one that none has seen. */
export function headFinder({ heldOut }: RoundHeads): (high: number, low: number) => number {
  const rounds = new Map<string, number>();
  heldOut.forEach((words, round) => {
    for (let i = 0; i < words.length; i += 2) rounds.set(keyOf(words[i], words[i + 1]), round);
  });
  return (high, low) => rounds.get(keyOf(high, low)) ?? 0;
}
