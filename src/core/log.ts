// Writes one line of JSON per event, which operators can search. No input, label or key may be a field.

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function logEvent(level: "info" | "error", event: string, fields: LogFields = {}): void {
  const line = JSON.stringify({ level, event, ...fields });
  if (level === "error") console.error(line);
  else console.log(line);
}
