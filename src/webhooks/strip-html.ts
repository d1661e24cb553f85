// Extracts the text of HTML, for training and never for display. Takes one pass for any input: patterns that search for a missing
// end would take quadratic time.
import { HOOK_WORK } from "../core/work.ts";
import type { MappingWork } from "./mapping-work.ts";

const INLINE_NAMES = "a|abbr|b|bdi|bdo|cite|code|em|font|i|kbd|mark|q|s|samp|small|span|strong|sub|sup|tt|u|var|wbr";
/** Sticky, so that matching copies no part of the HTML. */
const INLINE = new RegExp(`</?(?:${INLINE_NAMES})(?![a-z0-9])`, "iy");
const WITHOUT_TEXT = /<(script|style)(?![a-z0-9])/iy;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** Removes tags, comments, scripts and styles, decodes entities, and replaces white space by one blank. */
export function stripHtml(html: string, work: MappingWork): string {
  work.spend(HOOK_WORK.perCopiedCharacter * html.length);
  const pieces: string[] = [];
  const last = html.lastIndexOf(">");
  let from = 0;
  for (let open = nextMarkup(html, 0); open >= 0; open = nextMarkup(html, from)) {
    const isComment = html.startsWith("<!--", open);
    if (open > last && !isComment) break; // it has no end, and stays as it is
    work.spend(HOOK_WORK.perMarkup);
    if (open > from) pieces.push(html.slice(from, open));
    INLINE.lastIndex = open;
    if (!INLINE.test(html) && pieces.at(-1) !== " ") pieces.push(" ");
    from = isComment ? after(html, "-->", open) : endOfTag(html, open);
  }
  return tidy(pieces.join("") + html.slice(from), work);
}

/** The start of the next markup; -1 if there is none. */
function nextMarkup(html: string, from: number): number {
  let open = html.indexOf("<", from);
  while (open >= 0 && !isMarkup(html.charCodeAt(open + 1))) open = html.indexOf("<", open + 1);
  return open;
}

function endOfTag(html: string, open: number): number {
  const close = html.indexOf(">", open);
  WITHOUT_TEXT.lastIndex = open;
  const name = WITHOUT_TEXT.exec(html)?.[1];
  return name === undefined ? close + 1 : after(html, ">", afterClosing(html, name, close));
}

/** Whether `<` before this character begins markup: the character is a letter, or one of `!`, `/` and `?`. */
const isMarkup = (code: number): boolean =>
  code === 33 || code === 47 || code === 63 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** The position after the next `mark`; the end of the text if there is none. */
function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? html.length : at + mark.length;
}

/** Tag names are case-insensitive. */
function afterClosing(html: string, name: string, from: number): number {
  const mark = new RegExp(`</${name}`, "gi");
  mark.lastIndex = from;
  return mark.exec(html)?.index ?? html.length;
}

const tidy = (text: string, work: MappingWork): string =>
  text
    .replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole: string, entity: string) => {
      work.spend(HOOK_WORK.perMarkup);
      return decodeEntity(whole, entity);
    })
    .replaceAll(/\s{2,}|[^\S ]/g, " ")
    .trim();

function decodeEntity(whole: string, entity: string): string {
  if (entity.startsWith("#")) return characterOf(entity.slice(1).toLowerCase());
  const name = entity.toLowerCase();
  return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] as string) : whole;
}

function characterOf(digits: string): string {
  const code = digits.startsWith("x") ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : " ";
}
