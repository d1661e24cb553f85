// A thousand texts that tokenizers read differently unless they follow every rule: words of a vocabulary, scripts, marks, controls.
import { seededRandom } from "./random.ts";

/** Of scripts that Unicode 8 has: the reference knows no later ones. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x7f],
  [0x80, 0x250],
  [0x300, 0x370],
  [0x370, 0x378],
  [0x384, 0x3ff],
  [0x400, 0x52f],
  [0x5d0, 0x5ea],
  [0x620, 0x6ff],
  [0x904, 0x939],
  [0xe01, 0xe3a],
  [0x1100, 0x11ff],
  [0x1e00, 0x1eff],
  [0x2000, 0x205f],
  [0x20a0, 0x20bd],
  [0x2100, 0x218a],
  [0x3000, 0x30ff],
  [0x4e00, 0x9fd5],
  [0xac00, 0xd7a3],
  [0xf900, 0xfa6d],
  [0xfe00, 0xfe6f],
  [0xff00, 0xffef],
  [0x1d400, 0x1d454],
  [0x1f300, 0x1f579],
  [0x20000, 0x2a6d6],
  [0x2f800, 0x2fa1d],
];

const SPECIAL = [
  ..."[CLS]|[SEP]|[MASK]|[UNK]|[PAD]|##ing|ΟΔΟΣ|İstanbul|ẞ|ﬁn|\u200b|\u00ad|\ufeff|don't|e\u0301|\t|\r\n|\u2028|\u3000|\ufffd".split(
    "|",
  ),
  "\0",
  "a".repeat(101),
  "b".repeat(100),
  "1,234.56",
  "http://a.b/c?d=e&f",
  "👩‍👩‍👧",
  "🇩🇪",
  "ﷺ",
  "ΣΑΣ. Σ",
  "K",
];

export function awkwardTexts(words: readonly string[], count: number): string[] {
  const { below: next } = seededRandom(26);
  const pick = <Item>(items: readonly Item[]): Item => items[next(items.length)] as Item;
  const part = (): string => {
    const kind = next(10);
    if (kind < 4) return pick(words);
    if (kind < 5) return pick(SPECIAL);
    const [from, to] = pick(RANGES);
    return Array.from({ length: 1 + next(6) }, () => String.fromCodePoint(from + next(to - from + 1))).join("");
  };
  return Array.from({ length: count }, () => {
    const separator = pick([" ", " ", "", "-"]);
    return Array.from({ length: 1 + next(30) }, part)
      .join(separator)
      .toWellFormed();
  });
}
