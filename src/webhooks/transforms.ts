// What may be done to a text on its way from a payload to an example.
import type { FieldRule } from "../contract/mapping.ts";
import { stripHtml } from "./strip-html.ts";

export function transformed(text: string, { strip_html: strip, lower_case: lower, names }: FieldRule): string {
  const stripped = strip ? stripHtml(text) : text;
  const cased = lower ? stripped.toLowerCase() : stripped;
  return names && Object.hasOwn(names, cased) ? (names[cased] as string) : cased;
}
