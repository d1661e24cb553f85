// One line of JSON per event: what operators grep. No input, label or key is ever a field.

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export function logEvent(level: "info" | "error", event: string, fields: LogFields = {}): void {
  const line = JSON.stringify({ level, event, ...fields });
  if (level === "error") console.error(line);
  else console.log(line);
}
