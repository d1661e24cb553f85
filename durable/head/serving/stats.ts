// The statistics of a head's predictions, by version and by hour.
import type { Stats } from "../../../src/contract/stats.ts";
import { timestamp } from "../../../src/core/clock.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Counted } from "../../tables/stats.ts";
import type { HeadStore } from "../store.ts";
import { driftNow } from "./drift.ts";

export async function statsOf(store: HeadStore, now: number, turns: Turns): Promise<Stats> {
  const versions: Stats["versions"] = [];
  for (const page of store.stats.sinceMade()) {
    versions.push(...page.map((counted) => ({ ...countsOf(counted), shadow: shadowOf(counted) })));
    await turns.take();
  }
  const hours: Stats["hours"] = [];
  for (const page of store.stats.hours()) {
    hours.push(...page.map((counted) => ({ hour: timestamp(counted.hour), ...countsOf(counted) })));
    await turns.take();
  }
  return { versions, hours, drift: driftNow(store, now) };
}

function countsOf({ version, requests, predictions, scoreSum, abstentions, compared }: Counted) {
  const scored = predictions + compared;
  return { version, requests, predictions, mean_score: scored === 0 ? null : scoreSum / scored, abstentions };
}

const shadowOf = ({ compared, agreed }: Counted) =>
  compared === 0 ? null : { predictions: compared, agreement: agreed / compared };
