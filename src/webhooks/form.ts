// Bodies of the kind application/x-www-form-urlencoded: GitHub sends its JSON in the field `payload` of one unless told otherwise,
// and so does Slack; others send their fields flat. Told from JSON by the body alone: a header is not signed.

/** The name of the first field and its =. No JSON text begins so. */
const FORM = /^[A-Za-z0-9%_.~+*-][A-Za-z0-9%_.~+*[\]-]*=/;

/** The fields of a form, in order; null where the text is none. Throws a URIError where percent-encoding is broken. */
export function formFields(text: string): (readonly [name: string, value: string])[] | null {
  if (!FORM.test(text)) return null;
  return text
    .split("&")
    .filter((field) => field !== "")
    .map((field) => {
      const at = field.indexOf("=");
      return at < 0 ? [decoded(field), ""] : [decoded(field.slice(0, at)), decoded(field.slice(at + 1))];
    });
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** The JSON text of a form that carries one in its field `payload`; null where it carries none. */
export function jsonOfForm(fields: readonly (readonly [string, string])[]): string | null {
  const texts = fields.filter(([name]) => name === "payload").map(([, value]) => value);
  return texts.length === 1 && /^\s*[{[]/.test(texts[0] as string) ? (texts[0] as string) : null;
}

/** The fields as an object: a text each, or a list where a name comes more than once. */
export function objectOfForm(fields: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const byName = new Map<string, string | string[]>();
  for (const [name, value] of fields) {
    const before = byName.get(name);
    if (Array.isArray(before)) before.push(value);
    else byName.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(byName);
}
