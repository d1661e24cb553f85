// The work of a head's alarm, in this order: its events, its maintenance, its policy, its training, and the report of its use.
import type { Clock } from "../../src/core/clock.ts";
import type { Turns } from "../../src/core/turns.ts";
import { decideNow } from "./jobs/policy.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";
import { keepUp } from "./upkeep.ts";

export interface AlarmTools {
  readonly now: Clock;
  readonly bucket: R2Bucket | null;
  /** They let predictions run, and end with the head. */
  readonly turns: Turns;
  /** Sends the events of the outbox. */
  readonly tell: () => Promise<void>;
  readonly train: () => Promise<void>;
  readonly reportUse: () => Promise<void>;
}

export async function runDue(store: HeadStore, due: readonly HeadAlarm[], tools: AlarmTools): Promise<void> {
  const { now, bucket, turns, tell, train, reportUse } = tools;
  if (due.includes("outbox")) await tell();
  await keepUp(store, due, { now: now(), bucket, turns });
  if (due.includes("policy")) await decideNow(store, now());
  if (due.includes("train")) await train();
  if (due.includes("train") || due.includes("usage")) await reportUse();
}
