// Ids of predictions, `prd_…`: seven base62 digits of the time in ms, then thirteen random ones. The time shows whether a
// Worker may not have reported the prediction yet, and whether its head still stores it.
import { ID_CHARS, type RandomBytes, randomBase62 } from "./ids.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "prd_";
/** Digits of the time in ms: enough until the year 2081. */
const TIME_CHARS = 7;

export const PREDICTION_ID = /^prd_[0-9A-Za-z]{20}$/;
export const PREDICTION_ID_CHARS = PREFIX.length + ID_CHARS;

/** `now` in ms since the epoch. */
export function makePredictionId(now: number, random: RandomBytes): string {
  let time = "";
  for (let rest = now; time.length < TIME_CHARS; rest = Math.floor(rest / 62)) time = BASE62[rest % 62] + time;
  return PREFIX + time + randomBase62(ID_CHARS - TIME_CHARS, random);
}

/** The time of a prediction, in ms since the epoch, from its id. */
export const timeOfPrediction = (id: string): number =>
  [...id.slice(PREFIX.length, PREFIX.length + TIME_CHARS)].reduce((sum, char) => 62 * sum + BASE62.indexOf(char), 0);
