// Bodies of the kind application/x-www-form-urlencoded: GitHub sends its JSON in the field `payload` of one unless told otherwise,
// and so does Slack; others send their fields flat. Told from JSON by the body alone: a header is not signed.
import type { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";

/** The name of the first field and its =. No JSON text begins so. */
const FORM = /^[A-Za-z0-9%_.~+*-][A-Za-z0-9%_.~+*[\]-]*=/;

/** A text each, or a list where a name comes more than once. */
type FormFields = Map<string, string | string[]>;

/** The fields of a form by name; or that it holds more than `most`. */
export type Form = { readonly fields: FormFields } | { readonly excess: string };

/** null where the text is no form. Throws a URIError where percent-encoding is broken. */
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

/** The JSON text of a form that carries one in its field `payload`; null where it carries none. */
export function jsonOfForm(fields: FormFields): string | null {
  const text = fields.get("payload");
  return typeof text === "string" && /^\s*[{[]/.test(text) ? text : null;
}
