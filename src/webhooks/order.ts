// The position of an event among the events about one example: a time or a sequence number from the sender. Positions are texts
// that sort in the order of their values, so that SQLite and JavaScript compare them in the same way.
import type { Position } from "../contract/mapping.ts";
import type { Clock } from "../core/clock.ts";
import { iso8601Ms } from "../core/instant.ts";

// A position is `t` and seconds since the epoch, or `s` and a number; integer digits padded, nine decimals.
const INTEGER_DIGITS = 24;
const DECIMALS = 9;
const NUMBER = /^(\d{1,24})(?:\.(\d+))?$/;

/** The position in a text: a number that is not negative, or an ISO 8601 time; null if it is neither. */
export function positionOf(text: string): Position | null {
  const [, integer, fraction = ""] = NUMBER.exec(text) ?? [];
  return integer === undefined ? positionOfTime(text) : position("s", integer, fraction);
}

/** GitLab and others write a zone as a word, or after a blank. A time without a zone counts as UTC. */
const normalised = (text: string): string => text.replace(/ ?(UTC|GMT)$/, "Z").replace(/ (?=[+-]\d\d:?\d\d$)/, "");

function positionOfTime(text: string): Position | null {
  const ms = iso8601Ms(normalised(text), "Z");
  if (ms === null || ms < 0) return null;
  const decimals = /[.,](\d+)/.exec(text)?.[1] ?? "";
  return position("t", String(Math.floor(ms / 1_000)), decimals);
}

const position = (kind: "t" | "s", integer: string, fraction: string): Position =>
  `${kind}${integer.padStart(INTEGER_DIGITS, "0")}.${fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0")}` as Position;

export function positionAt(ms: ReturnType<Clock>): Position {
  return position("t", String(Math.floor(ms / 1_000)), String(ms % 1_000).padStart(3, "0"));
}

/** Times and numbers say nothing about each other: such events count in the order in which they come. */
const isComparable = (a: Position, b: Position): boolean => a[0] === b[0];

/** Whether an event at `a` is older than one at `b`. Equal ones are not, because senders' clocks have seconds only. */
export const isOlder = (a: Position, b: Position): boolean => isComparable(a, b) && a < b;

/** The newer of the two; `a` if they cannot be compared. */
export const newerOf = (a: Position, b: Position): Position => (isOlder(a, b) ? b : a);

/** The position of an example that was deleted at `now`, if the sender did not send a time. */
export const positionOfDeletion = (last: Position | null, now: number): Position =>
  last === null ? positionAt(now) : newerOf(last, positionAt(now));
