// Large files: they are decoded and digested in parts, with turns of the event loop between the parts.
import { expect, it } from "vitest";
import {
  digestInTurns,
  digestOf,
  type ParsedInput,
  parseInput,
  parseInputInTurns,
} from "../../../src/contract/inputs.ts";
import { concatBytes, toBase64 } from "../../../src/core/bytes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Turns } from "../../../src/core/turns.ts";
import { dataUrl, riffOf } from "../../support/files.ts";

const start = riffOf("WAVE", "");
const random = Uint8Array.from({ length: LIMITS.audioBytes - start.length }, (_, i) => (i * i) >> 7);
const largest = concatBytes([start, random]);

it.each([
  ["base64", toBase64(largest)],
  ["a data URL", dataUrl("audio/wav", largest)],
])(
  "the largest sound as %s is parsed and digested with turns in between, with the same result as at once",
  async (_, sound) => {
    let taken = 0;
    const turns = new Turns(1, async () => void taken++);
    const inTurns = (await parseInputInTurns({ audio: sound }, "audio", 0, turns)) as ParsedInput;
    expect(taken).toBe(Math.ceil(sound.length / LIMITS.fileBytesPerTurn));
    const atOnce = parseInput({ audio: sound }, "audio", 0) as ParsedInput;
    expect(inTurns).toEqual(atOnce);
    expect(await digestInTurns(inTurns, turns)).toBe(await digestOf(atOnce));
    expect(taken).toBeGreaterThan(30);
  },
);

it("a small file is parsed without a turn", async () => {
  const turns = new Turns(1, async () => expect.unreachable());
  const input = (await parseInputInTurns({ audio: toBase64(start) }, "audio", 0, turns)) as ParsedInput;
  expect(await digestInTurns(input, turns)).toBe(await digestOf(input));
});
