// The tokens of a text as the reference of Hugging Face cuts them, and in parts.
import { expect, it } from "vitest";
import { makeTokenizer } from "../../../src/backbones/texts/tokenizer.ts";
import { Turns } from "../../../src/core/turns.ts";
import { idOf, SMALL_TOKENIZER } from "../../support/small-text-bundle.ts";

const tokenizer = makeTokenizer(SMALL_TOKENIZER);
const idsOf = (...words: string[]): number[] => words.map(idOf);

it("keeps the special tokens apart from those of the text", async () => {
  expect([tokenizer.before, tokenizer.after]).toEqual([idsOf("[CLS]"), idsOf("[SEP]")]);
  expect(await tokenizer.ids("Ab, é.")).toEqual(idsOf("a", "##b", "[UNK]", "e", "."));
  expect(await tokenizer.ids("")).toEqual([]);
});

it("reads a capital sigma at the end of a word as the reference does", async () => {
  expect(await tokenizer.ids("ΣΣ ς")).toEqual(idsOf("σ", "##σ", "ς"));
});

it("reads each ideograph above U+FFFF as a word", async () => {
  expect(await tokenizer.ids("a\u{20000}\u{20001}b")).toEqual(idsOf("a", "[UNK]", "[UNK]", "b"));
});

it("gives a long text the same tokens in parts, and takes turns between them", async () => {
  const words = Array.from({ length: 3_000 }, (_, at) => (at % 7 === 0 ? "中文字" : "abc.")).join(" ");
  let turns = 0;
  const counted = new Turns(1, async () => void turns++);
  const ids = await tokenizer.ids(words, counted);
  const alone = await Promise.all(words.split(" ").map((word) => tokenizer.ids(word)));
  expect(ids).toEqual(alone.flat());
  expect(turns).toBeGreaterThan(4);
});

it("reads twenty thousand combining marks within a moment", async () => {
  const marks = Array.from({ length: 20_000 }, (_, at) => (at % 2 ? "\u0301" : "\u0323")).join("");
  const before = Date.now();
  expect(await tokenizer.ids(`a${marks}`)).toEqual(idsOf("a"));
  expect(Date.now() - before).toBeLessThan(500);
});
