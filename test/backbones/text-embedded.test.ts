// The text backbone: which texts it takes, what its vectors mean, and that their bits have not moved.
import { describe, expect, test } from "vitest";
import golden from "../../fixtures/backbones/text-embedded/golden.json";
import { digestOf } from "../../src/backbones/backbone.ts";
import { textEmbedded } from "../../src/backbones/text-embedded.ts";
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

describe("the golden vectors", () => {
  test("are of this revision: a new one needs new vectors", () => {
    expect(golden.revision).toBe(textEmbedded.revision);
  });

  test.each(golden.vectors)("have not moved by a bit: $text", async ({ text, sha256, first }) => {
    const vector = await embed(text);
    expect([...vector.subarray(0, 8)]).toEqual(first);
    expect(await sha256Hex(bytesOf(vector))).toBe(sha256);
  });
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

  test.each(["a\0b", "🏺🏺", "\u0301\u0301", "\u200d", "ก็", "\ufffd", "'", "ᾳ", "\u{10ffff}"])(
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
