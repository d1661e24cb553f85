// Changes to a text before a BERT tokenizer in JavaScript reads it, so that its ids are those of Hugging Face's reference in Rust.

/** JavaScript writes a capital sigma at the end of a word as ς; the reference always as σ. */
const CAPITAL_SIGMA = /Σ/g;

/** Ideographs above U+FFFF: the reference reads each as a word. The library looks at single code units, and does not see them. */
const LARGE_IDEOGRAPHS = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

export interface BertNormalizer {
  readonly type: "BertNormalizer";
  readonly lowercase: boolean;
  readonly handle_chinese_chars: boolean;
}

export function asReferenceReads(text: string, { lowercase, handle_chinese_chars }: BertNormalizer): string {
  const lowered = lowercase ? text.replace(CAPITAL_SIGMA, "σ") : text;
  return handle_chinese_chars ? lowered.replace(LARGE_IDEOGRAPHS, " $& ") : lowered;
}

/** Before white space or an ideograph a new word begins, so the parts of a text have the ids of the whole. */
const WORD_START = /[\s\u3400-\u4dbf\u4e00-\u9fff]/;

/** Parts of about `chars` characters; longer where no word ends. */
export function* partsAtWords(text: string, chars: number): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + chars);
    while (to < text.length && !WORD_START.test(text[to] as string)) to++;
    yield text.slice(from, to);
    from = to;
  }
}
