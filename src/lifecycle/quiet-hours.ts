// Hours of each day in which trainings of the policy wait.
import type { QuietHours } from "../contract/policy.ts";
import { DAY_MS } from "../core/clock.ts";

const MINUTE_MS = 60_000;

/** `at`, or the end of the quiet hours that contain it. Both in ms since the epoch. */
export function afterQuietHours({ from, to, utc_offset_minutes: offset = 0 }: QuietHours, at: number): number {
  const local = at + offset * MINUTE_MS;
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  const [start, end, time] = [msOfDay(from), msOfDay(to), local - midnight];
  const isQuiet = start < end ? time >= start && time < end : time >= start || time < end;
  if (!isQuiet) return at;
  return midnight + (time < end ? end : end + DAY_MS) - offset * MINUTE_MS;
}

/** Milliseconds after midnight of a time such as 22:00. */
function msOfDay(time: string): number {
  const [hours, minutes] = time.split(":").map(Number) as [number, number];
  return (60 * hours + minutes) * MINUTE_MS;
}
