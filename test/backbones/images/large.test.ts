// Pictures of twelve million pixels: their memory, their turns, and one at a time.
import { describe, expect, it } from "vitest";
import large from "../../../fixtures/images/large.json";
import { DecodingTurns } from "../../../src/backbones/images/decoding-turn.ts";
import { MemoryBudget } from "../../../src/core/memory-budget.ts";
import { Turns, turnLoop } from "../../../src/core/turns.ts";
import { bytesOf, faultOf, imageTools, levelsOf, pictureNamed, type Rule } from "../../support/pictures.ts";

const MIB = 2 ** 20;
const RULE: Rule = { shorterSide: 256, size: [224, 224], filter: "bicubic" };

/** Files of one colour are small: they are packed once more. */
async function unpacked(name: keyof typeof large): Promise<Uint8Array> {
  const stream = new Blob([bytesOf(large[name])]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Most MiB of each file while it is decoded. */
const PEAKS = {
  jpeg: 5,
  "turned jpeg": 6,
  "progressive jpeg": 40,
  png: 8,
  "lossy webp": 4,
  "lossless webp": 40,
} as const;

describe.each(Object.entries(PEAKS))("a large %s", (name, most) => {
  it("is read within its memory, in many turns", async () => {
    let taken = 0;
    const turn = async () => {
      taken++;
      await turnLoop();
    };
    const tools = imageTools({ turns: new Turns(1, turn) });
    const levels = await levelsOf(await unpacked(name as keyof typeof PEAKS), RULE, tools);
    const colours = new Set(Array.from({ length: 224 * 224 }, (_, i) => levels.slice(i * 3, i * 3 + 3).join()));
    expect(colours.size).toBe(1);
    expect(Math.abs((levels[0] as number) - 200)).toBeLessThan(4);
    expect(tools.memory.peak).toBeLessThan(most * MIB);
    expect(tools.memory.inUse).toBe(0);
    expect(taken).toBeGreaterThan(20);
  });
});

it("refuses what does not fit, naming the limit", async () => {
  const details = await Promise.all(
    (["progressive jpeg 4:4:4", "too many pixels"] as const).map(
      async (name) => (await faultOf(await unpacked(name)))?.data.detail,
    ),
  );
  expect(details[0]).toMatch(/decoding 4000 × 3000 pixels of its kind takes \d+ MiB, and the most is 60 MiB/);
  expect(details[1]).toMatch(/it has 8000 × 7000 pixels, and the most is 50 million pixels/);
});

it("waits with a large picture until memory is free, and answers 503 if none becomes free", async () => {
  let now = 0;
  const memory = new MemoryBudget(80 * MIB, () => now);
  const wait = async (ms: number) => {
    now += ms;
    held.touch();
  };
  const held = memory.take(60 * MIB);
  const tools = imageTools({ memory, now: () => now, wait });
  expect((await faultOf(await unpacked("progressive jpeg"), tools))?.data.code).toBe("overloaded");
  expect(memory.waiting).toBe(0);
  held.release();
  expect(await faultOf(await unpacked("progressive jpeg"), tools)).toBeNull();
});

it("decodes one picture at a time", async () => {
  const tools = imageTools({ memory: new MemoryBudget(80 * MIB, () => Date.now()) });
  const file = await unpacked("jpeg");
  const alone = imageTools();
  await levelsOf(file, RULE, alone);
  await Promise.all([1, 2, 3].map(() => levelsOf(file, RULE, tools)));
  expect(tools.memory.peak).toBe(alone.memory.peak);
});

it("lends its memory and its turn no longer when it is interrupted", async () => {
  let taken = 0;
  const stop = () => (++taken > 4 ? ("job_ended" as const) : null);
  const tools = imageTools({ turns: new Turns(1, turnLoop, stop) });
  await expect(levelsOf(await unpacked("jpeg"), RULE, tools)).rejects.toThrow("job_ended");
  expect(tools.memory.inUse).toBe(0);
  const started = Date.now();
  await levelsOf(pictureNamed("jpeg 4:2:0").file, RULE);
  expect(Date.now() - started).toBeLessThan(900); // a turn that is not released is taken away after a second
});

it("gives the same pixels after a large picture and after a broken one", async () => {
  const { file } = pictureNamed("jpeg progressive 4:4:4");
  const before = await levelsOf(file, RULE);
  await levelsOf(await unpacked("progressive jpeg"), RULE);
  await faultOf(file.subarray(0, file.length / 2));
  expect(await levelsOf(file, RULE)).toEqual(before);
});

describe("the turn to decode", () => {
  const clock = () => {
    let ms = 0;
    const wait = async (more: number) => {
      ms += more;
    };
    return { now: () => ms, wait };
  };

  it("is given to the next one when it is released", async () => {
    const { now, wait } = clock();
    const turns = new DecodingTurns();
    const first = await turns.take(now, wait, 100);
    expect(await turns.take(now, wait, 100)).toBeNull();
    first?.release();
    expect(await turns.take(now, wait, 100)).not.toBeNull();
  });

  it("is given to the next one a second after its holder has vanished", async () => {
    const { now, wait } = clock();
    const turns = new DecodingTurns();
    await turns.take(now, wait, 100);
    expect(await turns.take(now, wait, 10_000)).not.toBeNull();
    expect(now()).toBeGreaterThanOrEqual(1_000);
    expect(now()).toBeLessThan(1_100);
  });
});
