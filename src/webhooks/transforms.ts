// What may be done to a text on its way from a payload to an example.
import type { FieldRule } from "../contract/mapping.ts";
import { normalLabel } from "../core/labels.ts";
import { stripHtml } from "./strip-html.ts";

export function transformed(text: string, { strip_html: strip, lower_case: lower, names }: FieldRule): string {
  const stripped = strip ? stripHtml(text) : text;
  const cased = lower ? stripped.toLowerCase() : stripped;
  return named(cased, names);
}

/** What `names` makes of a text: by its own spelling, else by that of its normal form, as labels are matched. */
function named(text: string, names: FieldRule["names"]): string {
  if (!names) return text;
  if (Object.hasOwn(names, text)) return names[text] as string;
  const form = normalLabel(text);
  const [, name = text] = Object.entries(names).find(([from]) => normalLabel(from) === form) ?? [];
  return name;
}
