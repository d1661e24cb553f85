// The transforms of a text from a payload, before it becomes part of an example.
import type { FieldRule } from "../contract/mapping.ts";
import { normalLabel } from "../core/labels.ts";
import { HOOK_WORK } from "../core/work.ts";
import type { MappingWork } from "./mapping-work.ts";
import { stripHtml } from "./strip-html.ts";

/** In this order: removes HTML, converts to lower case, truncates, and maps the text to its name. */
export function transformed(text: string, rule: FieldRule, work: MappingWork): string {
  const stripped = rule.strip_html ? stripHtml(text, work) : text;
  if (rule.lower_case || rule.max_chars || rule.names) work.spend(HOOK_WORK.perCopiedCharacter * stripped.length);
  const cased = rule.lower_case ? stripped.toLowerCase() : stripped;
  return named(rule.max_chars === undefined ? cased : cut(cased, rule.max_chars), rule.names);
}

/** Maps a text by `names`: by its exact spelling, or else by its normal form, as labels are matched. */
function named(text: string, names: FieldRule["names"]): string {
  if (!names) return text;
  if (Object.hasOwn(names, text)) return names[text] as string;
  return byNormalForm(names).get(normalLabel(text)) ?? text;
}

const remembered = new WeakMap<object, ReadonlyMap<string, string>>();

/** Built once for all texts of a delivery. Of two names with one normal form, the first counts. */
function byNormalForm(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const known = remembered.get(names);
  if (known) return known;
  const backwards = Object.entries(names).reverse();
  const made = new Map(backwards.map(([from, to]) => [normalLabel(from), to]));
  remembered.set(names, made);
  return made;
}

/** The first `most` code points. Never splits a surrogate pair. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  for (let count = 0; count < most && end < text.length; count++)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}
