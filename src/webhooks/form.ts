// Bodies of the kind application/x-www-form-urlencoded: GitHub sends its JSON in the field `payload` of one unless told otherwise,
// and so does Slack; others send their fields flat. Told from JSON by the body alone: a header is not signed.
import type { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";

/** The name of the first field and its =. No JSON text begins so. */
const FORM = /^[A-Za-z0-9%_.~+*-][A-Za-z0-9%_.~+*[\]-]*=/;

type FormField = readonly [name: string, value: string];

/** The fields of a form, in order; or that it holds more than `most`. */
export type Form = { readonly fields: readonly FormField[] } | { readonly excess: string };

/** null where the text is no form. Throws a URIError where percent-encoding is broken. */
export async function readForm(text: string, most: number, turns: Turns): Promise<Form | null> {
  if (!FORM.test(text)) return null;
  const fields: FormField[] = [];
  for (let at = 0; at <= text.length; ) {
    const next = text.indexOf("&", at);
    const end = next < 0 ? text.length : next;
    if (fields.length === most) return { excess: `holds more than ${most} fields` };
    if (end > at) fields.push(fieldIn(text.slice(at, end)));
    await turns.spend(HOOK_WORK.perValue + HOOK_WORK.perCharacter * (end - at));
    at = end + 1;
  }
  return { fields };
}

function fieldIn(text: string): FormField {
  const at = text.indexOf("=");
  return at < 0 ? [decoded(text), ""] : [decoded(text.slice(0, at)), decoded(text.slice(at + 1))];
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** The JSON text of a form that carries one in its field `payload`; null where it carries none. */
export function jsonOfForm(fields: readonly FormField[]): string | null {
  const texts = fields.filter(([name]) => name === "payload").map(([, value]) => value);
  return texts.length === 1 && /^\s*[{[]/.test(texts[0] as string) ? (texts[0] as string) : null;
}

/** The fields as an object: a text each, or a list where a name comes more than once. */
export function objectOfForm(fields: readonly FormField[]): Record<string, string | string[]> {
  const byName = new Map<string, string | string[]>();
  for (const [name, value] of fields) {
    const before = byName.get(name);
    if (Array.isArray(before)) before.push(value);
    else byName.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(byName);
}
