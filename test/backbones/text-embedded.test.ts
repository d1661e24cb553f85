// The text backbone: which texts it takes, what its vectors mean, and that their bits have not moved.
import { describe, expect, test } from "vitest";
import revision3 from "../../fixtures/backbones/text-embedded/revision-3.json";
import revision4 from "../../fixtures/backbones/text-embedded/revision-4.json";
import { digestOf } from "../../src/backbones/backbone.ts";
import { withoutIgnorables } from "../../src/backbones/ignorable.ts";
import { inputOfText, textEmbedded, textRevision3 } from "../../src/backbones/text-embedded.ts";
import { WORD_CODE_BITS } from "../../src/backbones/text-idf.ts";
import { bytesOf, sha256Hex } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { TEXT_DIMENSION } from "../../src/tensor/kernels/hashing.ts";
import { smallMemory } from "../../src/tensor/small-memory.ts";
import { parsed } from "../suites/backbone.suite.ts";

const embed = (text: string): Promise<Float32Array> => textEmbedded.embed([parsed(textEmbedded, { text }, 1024)], 1024);

const cosine = async (a: string, b: string): Promise<number> => {
  const [u, v] = [await embed(a), await embed(b)];
  return u.reduce((sum, value, i) => sum + value * (v[i] as number), 0);
};

describe.each([
  { backbone: textRevision3, golden: revision3 },
  { backbone: textEmbedded, golden: revision4 },
])("the golden vectors of $golden.revision", ({ backbone, golden }) => {
  test("are of this revision: a new one needs new vectors", () => {
    expect(golden.revision).toBe(backbone.revision);
  });

  test.each(golden.vectors)("have not moved by a bit: $text", async ({ text, sha256, first }) => {
    const vector = await backbone.embed([inputOfText(text)], TEXT_DIMENSION);
    expect([...vector.subarray(0, 8)]).toEqual(first);
    expect(await sha256Hex(bytesOf(vector))).toBe(sha256);
  });
});

describe("invisible characters", () => {
  const everyCharacter = Array.from({ length: 0x11_0000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));
  const ignorable = everyCharacter.filter((character) => /\p{Default_Ignorable_Code_Point}/u.test(character));

  test("are all those that Unicode calls default-ignorable, and no others", () => {
    const removed = everyCharacter.filter((character) => withoutIgnorables(character) === "");
    expect(removed).toEqual(ignorable);
  });

  test("come back by no step of normalisation", () => {
    const visible = everyCharacter.filter((character) => withoutIgnorables(character) !== "").join("");
    const folded = visible.normalize("NFKC").toLowerCase().normalize("NFD").normalize("NFC");
    expect(withoutIgnorables(folded)).toHaveLength(folded.length);
  });

  test("leave the vector as it is, each of them anywhere in a word", async () => {
    const words = ["free", "épargne", "бесплатно", "무료", "免费"];
    const inputs = words.map(inputOfText);
    const plain = await textEmbedded.embed(inputs, TEXT_DIMENSION);
    for (const character of ignorable.filter((_, i) => i % 41 === 0)) {
      const hidden = words.map((word) => inputOfText(character + [...word].join(character) + character));
      expect(await textEmbedded.embed(hidden, TEXT_DIMENSION)).toEqual(plain);
    }
  });

  test.each([
    ["a soft hyphen", "ship\u00adment", "shipment"],
    ["a joiner between an accent and its letter", "cafe\u200d\u0301", "café"],
    ["the joiners and selectors of emoji", "👩\u200d💻 ❤\ufe0f", "👩💻 ❤"],
    ["the non-joiner of Persian", "می\u200cخواهم", "میخواهم"],
    ["the word spaces of Thai", "สินค้า\u200bแตก", "สินค้าแตก"],
    ["bidi controls around a word", "my \u202eparcel\u202c", "my parcel"],
    ["tag characters", "🏴\u{e0067}\u{e007f}", "🏴"],
    ["Hangul fillers", "가\u115f나\u3164", "가나"],
  ])("say nothing: %s", async (_, hidden, plain) => expect(await embed(hidden)).toEqual(await embed(plain)));

  test("part words for the revision before, which versions that were trained on it go on with", async () => {
    const [hidden, plain] = ["fr\u200bee", "free"].map(inputOfText) as [ReturnType<typeof inputOfText>, never];
    const of = (input: typeof hidden) => textRevision3.embed([input], TEXT_DIMENSION);
    expect(await of(hidden)).not.toEqual(await of(plain));
  });
});

describe("work is counted", () => {
  const turnsOf = async (texts: readonly string[]): Promise<number> => {
    let turns = 0;
    await textEmbedded.embed(texts.map(inputOfText), TEXT_DIMENSION, async () => {
      turns++;
    });
    return turns;
  };

  test("so that a few short texts are embedded without a turn of the event loop", async () => {
    expect(await turnsOf(Array.from({ length: 8 }, (_, i) => `where is my parcel number ${i}?`))).toBe(0);
    expect(await turnsOf(["好".repeat(LIMITS.textChars)])).toBe(0);
  });

  test.each(["a ", "好", "\ufdfa", "㌖", "é", "…"])("so that many long ones take one each: %j", async (character) => {
    const text = character.repeat(LIMITS.textChars).slice(0, LIMITS.textChars);
    expect(await turnsOf(Array.from({ length: 5 }, () => text))).toBe(4);
  });

  test("of what is left out too: marks and ignorable characters", async () => {
    const texts = ["a\u0300\u0315", "a\u200b"].map((text) => text.repeat(6_000));
    expect(await turnsOf([...texts, ...texts])).toBeGreaterThan(0);
  });

  test.each([textEmbedded, textRevision3])(
    "and bounded where NFKC makes a text longer: what is beyond changes nothing, in $revision",
    async (backbone) => {
      const most = "\ufdfa".repeat(LIMITS.expandedTextChars / 18);
      const of = (more: number) => backbone.embed([inputOfText(`${most}${"\ufdfa".repeat(more)}`)], TEXT_DIMENSION);
      expect(await of(10_000)).toEqual(await of(12_000));
    },
  );

  test("and bounded where NFKC sorts marks: those beyond the most in a row change nothing", async () => {
    const most = `a${"\u1dc5\u1dc4".repeat(LIMITS.marksInARow / 2)}`;
    expect(await embed(`${most}${"\u1dc5\u1dc4".repeat(5_000)}`)).toEqual(await embed(most));
    expect(await embed(most)).not.toEqual(await embed(most.slice(0, -2)));
  });
});

test("reads no text of no more than its limits otherwise than the revision before", async () => {
  const texts = revision3.vectors.map(({ text }) => `${text} ${"好 naïve ﷺ…".repeat(900)}`);
  for (const text of texts) {
    const inputs = [inputOfText(text)];
    const before = await textRevision3.embed(inputs, TEXT_DIMENSION);
    expect(await textEmbedded.embed(inputs, TEXT_DIMENSION)).toEqual(before);
  }
});

// Tokens are read once and remembered, up to a number of them.
test("has the same bits whatever texts came before, and after more tokens than are remembered", async () => {
  const text = "Where is my parcel?! 荷物はどこですか";
  const first = await embed(text);
  expect(await embed(text)).toEqual(first);
  await embed(Array.from({ length: LIMITS.tokensRemembered + 1 }, (_, i) => `w${i}`).join(" "));
  expect(await embed(text)).toEqual(first);
});

test("gives a word its own code, and one that is not listed none, wherever tokens lay before", async () => {
  const [listed, other] = ["where is my parcel", "zzqa zzqb zzqc zzqd"]; // four tokens each
  const first = new Map([listed, other].map((text) => [text, embed(text)]));
  let next = 0;
  for (const text of [listed, other, listed, other]) {
    expect(await embed(text)).toEqual(await first.get(text));
    // So many more bring the next four to where these lie.
    await embed(Array.from({ length: LIMITS.tokensRemembered - 4 }, () => `w${next++}`).join(" "));
  }
});

test("has as many dimensions as the kernels write, and room for the codes of the table", async () => {
  const { TEXT_DIMENSIONS, HASHED_DIMENSIONS } = smallMemory(1)().functions;
  expect(TEXT_DIMENSIONS.value).toBe(TEXT_DIMENSION);
  expect(TEXT_DIMENSIONS.value - HASHED_DIMENSIONS.value).toBe(WORD_CODE_BITS);
});

describe("a text", () => {
  test.each([
    ["empty", ""],
    ["spaces", "   "],
    ["line breaks and tabs", "\n\t\r\n"],
    ["wide spaces", "\u3000\u00a0\u2003"],
    ["zero-width characters", "\u200b\u200c\u200d\ufeff"],
    ["invisible characters and spaces", " \u00ad\u2060 \u202e\u3164\n\u{e0041}\ufe0f"],
  ])("is refused when it is only %s", (_, text) => {
    expect(textEmbedded.parse({ text }, 1024)).toEqual({
      ...{ code: "invalid_input", pointer: "/text", detail: "text is empty" },
    });
  });

  test("is refused above the most characters, and taken at the most", () => {
    const most = "é".repeat(LIMITS.textChars);
    expect(textEmbedded.parse({ text: most }, 1024)).not.toHaveProperty("code");
    const problem = textEmbedded.parse({ text: `${most}.` }, 1024);
    expect(problem).toMatchObject({ code: "invalid_input", detail: expect.stringContaining("20001") });
  });

  test("keeps its own bytes: case, spaces and composition make different inputs", async () => {
    const digests = await Promise.all(
      ["Café", "café", " café", "cafe\u0301"].map((text) => digestOf(parsed(textEmbedded, { text }, 1024))),
    );
    expect(new Set(digests).size).toBe(4);
  });

  test("has U+FFFD for half of a surrogate pair, so that one text has one digest", async () => {
    const broken = parsed(textEmbedded, { text: "a\ud83d" }, 1024);
    expect(broken.text).toBe("a\ufffd");
    expect(await digestOf(broken)).toBe(await digestOf(parsed(textEmbedded, { text: "a\ufffd" }, 1024)));
  });

  test.each(["\ufdfa", "㌖", "a", "好", "!"])("of the most characters has a finite vector: %j", async (character) => {
    const vector = await embed(character.repeat(LIMITS.textChars));
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  test.each(["a\0b", "🏺🏺", "\u0301\u0301", "\u200da", "ก็", "\ufffd", "'", "ᾳ", "\u{10ffff}"])(
    "of odd characters has a finite vector: %j",
    async (text) => {
      const vector = await embed(text);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    },
  );
});

describe("vectors", () => {
  test("are the same whatever the case, accents' composition and width of letters", async () => {
    expect(await embed("CAFÉ Ｏｋ")).toEqual(await embed("cafe\u0301 ok"));
  });

  test("lie nearer for texts that share words or stems than for those that do not", async () => {
    const question = "where is my parcel?";
    expect(await cosine(question, "my parcel is where??")).toBeGreaterThan(await cosine(question, "cancel the order"));
    expect(await cosine("refunding", "refunds")).toBeGreaterThan(await cosine("refunding", "candles"));
    expect(await cosine("包裹在哪里", "我的包裹")).toBeGreaterThan(await cosine("包裹在哪里", "取消订单"));
  });

  test.each(["Where's my parcel? It's 2 DAYS late...", "'tis", "a_b-c+d/e", "\0x\x7f", "tab\there\r\n"])(
    "are the same for ASCII read as such as for ASCII read as any script: %j",
    async (text) => expect(await embed(text)).toEqual(await embed(`${text}\u3000`)), // a wide space is none of the tokens
  );

  test("know the order of words", async () => {
    expect(await embed("dog bites man")).not.toEqual(await embed("man bites dog"));
  });
});
