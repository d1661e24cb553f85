// Bodies of type application/x-www-form-urlencoded. By default GitHub sends its JSON in the field `payload` of a form, and so
// does Slack; others send their fields flat. Only the body decides between a form and JSON, because headers are not signed.
import type { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";

/** The name of the first field and its `=`. No JSON text begins in this way. */
const FORM = /^[A-Za-z0-9%_.~+*-][A-Za-z0-9%_.~+*[\]-]*=/;

/** Fields by name: a text, or a list if the name occurs more than once. */
type FormFields = Map<string, string | string[]>;

/** The fields of a form by name, or that it has more than `most`. */
export type Form = { readonly fields: FormFields } | { readonly excess: string };

/** null if the text is not a form. Throws a URIError if its percent-encoding is invalid. */
export async function readForm(text: string, most: number, turns: Turns): Promise<Form | null> {
  if (!FORM.test(text)) return null;
  const fields: FormFields = new Map();
  for (let at = 0, count = 0; at <= text.length; ) {
    const next = text.indexOf("&", at);
    const end = next < 0 ? text.length : next;
    if (count === most) return { excess: `holds more than ${most} fields` };
    if (end > at) {
      put(fields, text.slice(at, end));
      count++;
    }
    await turns.spend(HOOK_WORK.perValue + HOOK_WORK.perCharacter * (end - at));
    at = end + 1;
  }
  return { fields };
}

function put(fields: FormFields, field: string): void {
  const at = field.indexOf("=");
  const [name, value] = at < 0 ? [decoded(field), ""] : [decoded(field.slice(0, at)), decoded(field.slice(at + 1))];
  const before = fields.get(name);
  if (Array.isArray(before)) before.push(value);
  else fields.set(name, before === undefined ? value : [before, value]);
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** The JSON text in the field `payload` of a form; null if it has none. */
export function jsonOfForm(fields: FormFields): string | null {
  const text = fields.get("payload");
  return typeof text === "string" && /^\s*[{[]/.test(text) ? text : null;
}
