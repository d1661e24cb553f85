// The text of a piece of HTML: for learning from, never for showing. One pass, whatever it is given: patterns that look for
// an end which never comes would take the square of its length.

const INLINE = new Set(
  "a abbr b bdi bdo cite code em font i kbd mark q s samp small span strong sub sup tt u var wbr".split(" "),
);
const WITHOUT_TEXT = ["script", "style"];
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** Tags, comments, scripts and styles go, entities become characters, white space becomes one blank. */
export function stripHtml(html: string): string {
  let text = "";
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf("<", at);
    if (open < 0) return tidy(text + html.slice(at));
    const { end, stands } = tagAt(html, open);
    text += html.slice(at, open) + stands;
    at = end;
  }
  return tidy(text);
}

/** Where what begins at `open` ends, and what stands for it. */
function tagAt(html: string, open: number): { end: number; stands: string } {
  if (html.startsWith("<!--", open)) return { end: after(html, "-->", open), stands: " " };
  const name = /^<\/?([a-z][a-z0-9]{0,20})/i.exec(html.slice(open, open + 24))?.[1]?.toLowerCase();
  if (name === undefined && !/^<[!?/]/.test(html.slice(open, open + 2))) return { end: open + 1, stands: "<" };
  const close = html.indexOf(">", open);
  if (close < 0) return { end: html.length, stands: html.slice(open) };
  if (name !== undefined && WITHOUT_TEXT.includes(name) && html[open + 1] !== "/")
    return { end: after(html, ">", afterClosing(html, name, close)), stands: " " };
  return { end: close + 1, stands: name !== undefined && INLINE.has(name) ? "" : " " };
}

/** The place after the next `mark`, the end where there is none. */
function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? html.length : at + mark.length;
}

/** Tags are the same in capitals. */
function afterClosing(html: string, name: string, from: number): number {
  const mark = new RegExp(`</${name}`, "gi");
  mark.lastIndex = from;
  return mark.exec(html)?.index ?? html.length;
}

const tidy = (text: string): string =>
  text
    .replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, decodeEntity)
    .replaceAll(/\s+/g, " ")
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
