// Where an event stands among the events about one example: by a time or a sequence number that the sender gives it. Positions are
// texts that sort as what they stand for, so that SQLite and JavaScript compare them alike.
import type { Position } from "../contract/mapping.ts";
import type { Clock } from "../core/clock.ts";
import { iso8601Ms } from "../core/instant.ts";

// A position is `t` and seconds since the epoch, or `s` and a number; integer digits padded, nine decimals.
const INTEGER_DIGITS = 24;
const DECIMALS = 9;
const NUMBER = /^(\d{1,24})(?:\.(\d+))?$/;

/** The position that a text stands for: a number that is not negative, or an ISO 8601 time. null: it is neither. */
export function positionOf(text: string): Position | null {
  const [, integer, fraction = ""] = NUMBER.exec(text) ?? [];
  return integer === undefined ? positionOfTime(text) : position("s", integer, fraction);
}

/** GitLab and others write a zone as a word, or set off by a blank. A time without a zone is taken to be in UTC. */
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

/** Whether an event at `a` is older than one at `b`. Equal ones are not: senders' clocks tick in seconds. */
export const isOlder = (a: Position, b: Position): boolean => isComparable(a, b) && a < b;

/** The newer of two; `a` where they cannot be compared. */
export const newerOf = (a: Position, b: Position): Position => (isOlder(a, b) ? b : a);

/** Where an example stands that was deleted at `now`, without the sender having said when. */
export const positionOfDeletion = (last: Position | null, now: number): Position =>
  last === null ? positionAt(now) : newerOf(last, positionAt(now));
