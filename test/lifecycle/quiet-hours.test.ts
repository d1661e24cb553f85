// Hours in which trainings of the policy wait.
import { expect, it } from "vitest";
import type { QuietHours } from "../../src/contract/policy.ts";
import { afterQuietHours } from "../../src/lifecycle/quiet-hours.ts";

const at = (text: string): number => Date.parse(text);
const NIGHT = { from: "22:00", to: "06:00" };

it.each([
  ["a time an hour before them", NIGHT, "2026-11-23T21:00:00Z", "2026-11-23T21:00:00Z"],
  ["their first moment", NIGHT, "2026-11-23T22:00:00Z", "2026-11-24T06:00:00Z"],
  ["a time before midnight", NIGHT, "2026-11-23T23:59:59.999Z", "2026-11-24T06:00:00Z"],
  ["a time after midnight", NIGHT, "2026-11-24T00:30:00Z", "2026-11-24T06:00:00Z"],
  ["their end", NIGHT, "2026-11-24T06:00:00Z", "2026-11-24T06:00:00Z"],
  ["hours within a day", { from: "09:00", to: "17:30" }, "2026-11-23T12:00:00Z", "2026-11-23T17:30:00Z"],
  [
    "a time outside of hours within a day",
    { from: "09:00", to: "17:30" },
    "2026-11-23T18:00:00Z",
    "2026-11-23T18:00:00Z",
  ],
  ["hours east of UTC", { ...NIGHT, utc_offset_minutes: 330 }, "2026-11-23T17:00:00Z", "2026-11-24T00:30:00Z"],
  ["hours west of UTC", { ...NIGHT, utc_offset_minutes: -480 }, "2026-11-23T07:00:00Z", "2026-11-23T14:00:00Z"],
] as [string, QuietHours, string, string][])(
  "the end of quiet hours is the first moment that is not quiet, for %s",
  (_, quiet, time, expected) => {
    expect(new Date(afterQuietHours(quiet, at(time)))).toEqual(new Date(expected));
  },
);

it("the end of quiet hours is within a day, at a moment that is not quiet", () => {
  for (let minute = 0; minute < 3 * 1_440; minute += 7) {
    const time = at("2026-11-23T00:00:00Z") + 60_000 * minute;
    const open = afterQuietHours({ ...NIGHT, utc_offset_minutes: 60 }, time);
    expect(open - time).toBeGreaterThanOrEqual(0);
    expect(open - time).toBeLessThanOrEqual(8 * 3_600_000);
    expect(afterQuietHours({ ...NIGHT, utc_offset_minutes: 60 }, open)).toBe(open);
  }
});
