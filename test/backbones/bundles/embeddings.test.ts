// A bundle as a backbone: the features of texts, which have the same bits in every batch.
import { expect, it } from "vitest";
import { identityOf } from "../../../src/backbones/backbone.ts";
import { inputOfText } from "../../../src/contract/inputs/text.ts";
import { bytesOf, sha256Hex } from "../../../src/core/bytes.ts";
import { Turns } from "../../../src/core/turns.ts";
import { backboneFrom, smallTextBundle } from "../../support/small-text-bundle.ts";

const bundle = await smallTextBundle();
const backbone = backboneFrom(bundle);
const WIDTH = 64;

const TEXTS = [
  "hello",
  "a much longer text, of several windows. it goes on and on",
  "",
  "zebra",
  "?",
  "ab cd ef gh ij kl",
];

const rowsOf = async (texts: readonly string[], turns?: Turns): Promise<number[][]> => {
  const { values } = await backbone.embed(texts.map(inputOfText), WIDTH, turns);
  return texts.map((_, at) => [...values.subarray(at * WIDTH, (at + 1) * WIDTH)]);
};

it("gives the recorded bits", async () => {
  const { values, tokens } = await backbone.embed(TEXTS.map(inputOfText), WIDTH);
  expect(tokens).toBeNull();
  expect(await sha256Hex(bytesOf(values))).toBe("f6cfe754881191dc644eb19984263425440d47310153a641fa140c8d51f7a4cc");
});

it("gives a text the same bits alone, in any batch, in any order and with turns", async () => {
  const expected = await rowsOf(TEXTS);
  expect((await Promise.all(TEXTS.map((text) => rowsOf([text])))).flat()).toEqual(expected);
  expect((await rowsOf(TEXTS.toReversed())).reverse()).toEqual(expected);
  const many = Array.from({ length: 30 }, () => TEXTS).flat();
  const turns = new Turns(1, () => new Promise((resolve) => setTimeout(resolve, 0)));
  expect((await rowsOf(many, turns)).slice(-TEXTS.length)).toEqual(expected);
});

it("puts the taps side by side, and makes only those that are named", async () => {
  const one = backboneFrom({ ...bundle, stated: { ...bundle.stated, taps: ["second"], dimension: 32 } });
  const { values } = await one.embed([inputOfText("hello")], 32);
  expect([...values]).toEqual((await rowsOf(["hello"]))[0]?.slice(32));
});

it("says which texts were read only in part", async () => {
  const { truncated } = await backbone.embed([inputOfText("hello"), inputOfText("abcdefgh ".repeat(40))], WIDTH);
  expect(truncated).toEqual([false, true]);
});

it("reads no more of a text than its limit", async () => {
  const long = "ab ".repeat(7_000);
  const [cut, whole] = await rowsOf([long.slice(0, 20_000), `${long}zebra`]);
  expect(whole).toEqual(cut);
});

it("puts the instruction before a text", async () => {
  const told = backboneFrom(await smallTextBundle("told", 12, "query: "));
  const { values } = await told.embed([inputOfText("abc")], WIDTH);
  expect([...values]).toEqual((await rowsOf(["query: abc"]))[0]);
});

it("is identified by the bundle's digest, the taps, and how inputs are read", async () => {
  expect(backbone.revision).toBe(bundle.stated.digest);
  const other = backboneFrom({ ...bundle, stated: { ...bundle.stated, taps: ["second", "first"] } });
  expect(await identityOf(other, WIDTH)).not.toBe(await identityOf(backbone, WIDTH));
});
