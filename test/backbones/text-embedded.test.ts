// The text backbone: accepted texts, the meaning of its vectors, and the stability of their bits.
import { describe, expect, it } from "vitest";
import revision3 from "../../fixtures/backbones/text-embedded/revision-3.json";
import revision4 from "../../fixtures/backbones/text-embedded/revision-4.json";
import { textEmbedded, textRevision3 } from "../../src/backbones/text-embedded.ts";
import { WORD_CODE_BITS } from "../../src/backbones/text-idf.ts";
import { inputOfText, type TextInput } from "../../src/contract/inputs/text.ts";
import { bytesOf, sha256Hex } from "../../src/core/bytes.ts";
import { withoutIgnorables } from "../../src/core/ignorable.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Turns } from "../../src/core/turns.ts";
import { TEXT_DIMENSION } from "../../src/tensor/kernels/hashing.ts";
import { smallMemory } from "../../src/tensor/small-memory.ts";
import { parsedInput } from "../suites/input.suite.ts";

const embed = async (text: string): Promise<Float32Array> =>
  (await textEmbedded.embed([parsedInput("text", { text }) as TextInput], 1024)).values;

const cosine = async (a: string, b: string): Promise<number> => {
  const [u, v] = [await embed(a), await embed(b)];
  return u.reduce((sum, value, i) => sum + value * (v[i] as number), 0);
};

describe.each([
  { backbone: textRevision3, golden: revision3 },
  { backbone: textEmbedded, golden: revision4 },
])("the golden vectors of $golden.revision", ({ backbone, golden }) => {
  it("belong to this revision, so a new revision needs new vectors", () => {
    expect(golden.revision).toBe(backbone.revision);
  });

  it.each(golden.vectors)("do not change by a bit: $text", async ({ text, sha256, first }) => {
    const { values: vector } = await backbone.embed([inputOfText(text)], TEXT_DIMENSION);
    expect([...vector.subarray(0, 8)]).toEqual(first);
    expect(await sha256Hex(bytesOf(vector))).toBe(sha256);
  });
});

describe("invisible characters", () => {
  const everyCharacter = Array.from({ length: 0x11_0000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));
  const ignorable = everyCharacter.filter((character) => /\p{Default_Ignorable_Code_Point}/u.test(character));

  it("are exactly the characters that Unicode calls default-ignorable", () => {
    const removed = everyCharacter.filter((character) => withoutIgnorables(character) === "");
    expect(removed).toEqual(ignorable);
  });

  it("are not produced by any step of normalisation", () => {
    const visible = everyCharacter.filter((character) => withoutIgnorables(character) !== "").join("");
    const folded = visible.normalize("NFKC").toLowerCase().normalize("NFD").normalize("NFC");
    expect(withoutIgnorables(folded)).toHaveLength(folded.length);
  });

  it("do not change the vector, wherever they are in a word", async () => {
    const words = ["free", "épargne", "бесплатно", "무료", "免费"];
    const inputs = words.map(inputOfText);
    const plain = await textEmbedded.embed(inputs, TEXT_DIMENSION);
    for (const character of ignorable.filter((_, i) => i % 41 === 0)) {
      const hidden = words.map((word) => inputOfText(character + [...word].join(character) + character));
      expect(await textEmbedded.embed(hidden, TEXT_DIMENSION)).toEqual(plain);
    }
  });

  it.each([
    ["a soft hyphen", "ship\u00adment", "shipment"],
    ["a joiner between an accent and its letter", "cafe\u200d\u0301", "café"],
    ["the joiners and selectors of emoji", "👩\u200d💻 ❤\ufe0f", "👩💻 ❤"],
    ["the non-joiner of Persian", "می\u200cخواهم", "میخواهم"],
    ["the word spaces of Thai", "สินค้า\u200bแตก", "สินค้าแตก"],
    ["bidi controls around a word", "my \u202eparcel\u202c", "my parcel"],
    ["tag characters", "🏴\u{e0067}\u{e007f}", "🏴"],
    ["Hangul fillers", "가\u115f나\u3164", "가나"],
  ])("have no effect: %s", async (_, hidden, plain) => expect(await embed(hidden)).toEqual(await embed(plain)));

  it("still split words in the old revision, which older versions of heads use", async () => {
    const [hidden, plain] = ["fr\u200bee", "free"].map(inputOfText) as [ReturnType<typeof inputOfText>, never];
    const of = (input: typeof hidden) => textRevision3.embed([input], TEXT_DIMENSION);
    expect(await of(hidden)).not.toEqual(await of(plain));
  });
});

describe("the embedding work", () => {
  const turnsOf = async (texts: readonly string[]): Promise<number> => {
    let turns = 0;
    const counted = new Turns(1, async () => void turns++);
    await textEmbedded.embed(texts.map(inputOfText), TEXT_DIMENSION, counted);
    return turns;
  };

  it("takes no turn of the event loop for a few short texts", async () => {
    expect(await turnsOf(Array.from({ length: 8 }, (_, i) => `where is my parcel number ${i}?`))).toBe(0);
    expect(await turnsOf(["好".repeat(LIMITS.textChars)])).toBe(0);
  });

  it.each(["a ", "好", "\ufdfa", "㌖", "é", "…"])(
    "takes a turn of the event loop between two of many long texts: %j",
    async (character) => {
      const text = character.repeat(LIMITS.textChars).slice(0, LIMITS.textChars);
      expect(await turnsOf(Array.from({ length: 5 }, () => text))).toBe(4);
    },
  );

  it("counts ignored characters too: combining marks and invisible ones", async () => {
    const texts = ["a\u0300\u0315", "a\u200b"].map((text) => text.repeat(6_000));
    expect(await turnsOf([...texts, ...texts])).toBeGreaterThan(0);
  });

  it.each([textEmbedded, textRevision3])(
    "is bounded if NFKC makes a text longer: text beyond the limit has no effect, in $revision",
    async (backbone) => {
      const most = "\ufdfa".repeat(LIMITS.expandedTextChars / 18);
      const of = (more: number) => backbone.embed([inputOfText(`${most}${"\ufdfa".repeat(more)}`)], TEXT_DIMENSION);
      expect(await of(10_000)).toEqual(await of(12_000));
    },
  );

  it("is bounded if NFKC sorts combining marks: marks in a row beyond the limit have no effect", async () => {
    const most = `a${"\u1dc5\u1dc4".repeat(LIMITS.marksInARow / 2)}`;
    expect(await embed(`${most}${"\u1dc5\u1dc4".repeat(5_000)}`)).toEqual(await embed(most));
    expect(await embed(most)).not.toEqual(await embed(most.slice(0, -2)));
  });
});

it("a text within its limits has the same vector as in the old revision", async () => {
  const texts = revision3.vectors.map(({ text }) => `${text} ${"好 naïve ﷺ…".repeat(900)}`);
  for (const text of texts) {
    const inputs = [inputOfText(text)];
    const before = await textRevision3.embed(inputs, TEXT_DIMENSION);
    expect(await textEmbedded.embed(inputs, TEXT_DIMENSION)).toEqual(before);
  }
});

// Tokens are hashed once and cached. The cache holds a limited number of tokens.
it("a text has the same vector, bit for bit, whatever texts came before, even after the token cache has overflowed", async () => {
  const text = "Where is my parcel?! 荷物はどこですか";
  const first = await embed(text);
  expect(await embed(text)).toEqual(first);
  await embed(Array.from({ length: LIMITS.tokensRemembered + 1 }, (_, i) => `w${i}`).join(" "));
  expect(await embed(text)).toEqual(first);
});

it("a listed word gets its own code and an unlisted word gets none, whatever the token cache contains", async () => {
  const [listed, other] = ["where is my parcel", "zzqa zzqb zzqc zzqd"]; // four tokens each
  const first = new Map([listed, other].map((text) => [text, embed(text)]));
  let next = 0;
  for (const text of [listed, other, listed, other]) {
    expect(await embed(text)).toEqual(await first.get(text));
    // After this many other tokens, the next four tokens reuse the cache addresses of these four.
    await embed(Array.from({ length: LIMITS.tokensRemembered - 4 }, () => `w${next++}`).join(" "));
  }
});

it("a vector has as many dimensions as the kernels write, including the bits of word codes", async () => {
  const { TEXT_DIMENSIONS, HASHED_DIMENSIONS } = smallMemory(1)().functions;
  expect(TEXT_DIMENSIONS.value).toBe(TEXT_DIMENSION);
  expect(TEXT_DIMENSIONS.value - HASHED_DIMENSIONS.value).toBe(WORD_CODE_BITS);
});

describe("a text", () => {
  it.each(["\ufdfa", "㌖", "a", "好", "!"])(
    "has a finite vector if it has the maximum number of characters: %j",
    async (character) => {
      const vector = await embed(character.repeat(LIMITS.textChars));
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    },
  );

  it.each(["a\0b", "🏺🏺", "\u0301\u0301", "\u200da", "ก็", "\ufffd", "'", "ᾳ", "\u{10ffff}"])(
    "has a finite vector if its characters are unusual: %j",
    async (text) => {
      const vector = await embed(text);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    },
  );
});

describe("vectors", () => {
  it("are the same whatever the case, composition of accents, and width of letters", async () => {
    expect(await embed("CAFÉ Ｏｋ")).toEqual(await embed("cafe\u0301 ok"));
  });

  it("are closer for texts that share words or stems than for others", async () => {
    const question = "where is my parcel?";
    expect(await cosine(question, "my parcel is where??")).toBeGreaterThan(await cosine(question, "cancel the order"));
    expect(await cosine("refunding", "refunds")).toBeGreaterThan(await cosine("refunding", "candles"));
    expect(await cosine("包裹在哪里", "我的包裹")).toBeGreaterThan(await cosine("包裹在哪里", "取消订单"));
  });

  it.each(["Where's my parcel? It's 2 DAYS late...", "'tis", "a_b-c+d/e", "\0x\x7f", "tab\there\r\n"])(
    "are the same from the ASCII path and from the general path: %j",
    async (text) => expect(await embed(text)).toEqual(await embed(`${text}\u3000`)), // a wide space is not part of a token
  );

  it("depend on the order of words", async () => {
    expect(await embed("dog bites man")).not.toEqual(await embed("man bites dog"));
  });
});
