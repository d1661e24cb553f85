// Times in the formats that senders use.
import { expect, it } from "vitest";
import { iso8601Ms, rfc3339Ms, unixMs, unixSecondsMs } from "../../src/core/instant.ts";

const AT = Date.UTC(2026, 8, 21, 14, 13, 20);

it("a time in RFC 3339 is accepted with fractions, offsets and lower-case letters", () => {
  for (const text of [
    "2026-09-21T14:13:20Z",
    "2026-09-21t14:13:20z",
    "2026-09-21T16:13:20+02:00",
    "2026-09-21T14:13:20.000000000Z",
  ])
    expect(rfc3339Ms(text), text).toBe(AT);
  expect(rfc3339Ms("2026-09-21T14:13:20.123456Z")).toBe(AT + 123);
});

it("a time in ISO 8601 is accepted in basic and extended format, and without seconds or minutes", () => {
  for (const text of [
    "20260921T141320Z",
    "2026-09-21 14:13:20Z",
    "2026-09-21T16:13:20+0200",
    "2026-09-21T16:13:20+02",
    "20260921T141320,000Z",
  ])
    expect(iso8601Ms(text), text).toBe(AT);
  expect(iso8601Ms("2026-09-21T14:13Z")).toBe(AT - 20_000);
  expect(iso8601Ms("20260921T14Z")).toBe(AT - 13 * 60_000 - 20_000);
  expect(iso8601Ms("2026-09-21T14:13:20", "Z")).toBe(AT);
});

it("a text is refused if it is no time, lacks a zone, or mixes the formats", () => {
  const bad = [
    "",
    "soon",
    "NaN",
    "2026",
    "2026-09-21",
    "2026-09-21T14:13:20",
    "202609-21T14:13:20Z",
    "2026-13-21T14:13:20Z",
  ];
  for (const text of [...bad, "2026-09-21T25:13:20Z", "2026-09-21T1413:20Z", "1790000000", "2026-09-21T14:13:20Zjunk"])
    expect(iso8601Ms(text), text).toBeNull();
  expect(rfc3339Ms("20260921T141320Z")).toBeNull();
});

it("a Unix time is accepted if it has only digits", () => {
  expect([unixSecondsMs("1790000000"), unixMs("1790000000123")]).toEqual([1_790_000_000_000, 1_790_000_000_123]);
  for (const text of ["", "-1", "1e9", "1.5", " 1", "0x1", "9".repeat(40)])
    expect([unixSecondsMs(text), unixMs(text)]).toEqual([null, null]);
});
