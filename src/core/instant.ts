// Parses times in text from webhook senders. Stricter than Date.parse, which accepts almost anything.

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch of an RFC 3339 time; null for anything else. */
export const rfc3339Ms = (text: string): number | null => (RFC3339.test(text) ? iso8601Ms(text) : null);

const ISO8601 =
  /^(\d{4})(-?)(\d\d)\2(\d\d)[Tt ](\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d{1,9}))?)?)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Milliseconds since the epoch of an ISO 8601 date and time, in extended or basic format; null for anything else. `zone`: the
 * zone assumed for a time without one; null rejects such times.
 */
export function iso8601Ms(text: string, zone: "Z" | null = null): number | null {
  const parts = ISO8601.exec(text);
  if (!parts) return null;
  const [, year, , month, day, hours, , minutes = "00", seconds = "00", fraction = "0", given] = parts;
  const offset = offsetOf(given ?? zone);
  if (offset === null) return null;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const ms = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}${offset}`);
  return Number.isFinite(ms) ? ms : null;
}

/** Z or ±hh:mm, as Date.parse accepts it. */
function offsetOf(zone: string | null): string | null {
  if (zone === null) return null;
  if (zone === "Z" || zone === "z") return "Z";
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
}

/** Milliseconds since the epoch of Unix seconds in digits; null for anything else, such as NaN, 1e9 or white space. */
export const unixSecondsMs = (text: string): number | null => (/^\d{1,12}$/.test(text) ? Number(text) * 1_000 : null);

/** Milliseconds since the epoch of Unix milliseconds in digits; null for anything else. */
export const unixMs = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null);
