// Large files of a head on sounds: the memory of streams, and feedback.
import { beforeAll, describe, expect, it } from "vitest";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { toBase64, utf8 } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { isolateMemory } from "../../src/core/memory-budget.ts";
import { riffOf } from "../support/files.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTextHead, must } from "../support/service.ts";
import "../support/sound-backbone.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
/** The memory that a stream of unknown length reserves. */
const STREAM_BYTES = LIMITS.requestMemoryBytes + 3 * LIMITS.streamedFileBytes;

let key = "";
beforeAll(async () => {
  key = (await makeTenant("large-files")).key;
  await makeHead(key, "sounds", { backbone: "sound-sizes" });
  await makeTextHead(key, "texts");
});

const soundOf = (bytes: number, char = "a"): string => toBase64(riffOf("WAVE", char.repeat(bytes)));
const lineOf = (audio: string): Uint8Array => utf8(`${JSON.stringify({ audio, label: "a" })}\n`);

/** An upload without a declared length, whose rows are sent by the test. */
function openUpload() {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const headers = { "Content-Type": "application/x-ndjson" };
  const result = must<UploadResult>("POST", "/v1/heads/sounds/examples", { key, body: readable, headers });
  return { writer, result };
}

describe("a stream of unknown length", () => {
  it("leaves memory for another stream and for a training at the same time", async () => {
    const training = isolateMemory.take(isolateMemory.capacity / 2);
    const uploads = [openUpload(), openUpload()];
    await until(() => isolateMemory.inUse === isolateMemory.capacity / 2 + 2 * STREAM_BYTES);
    for (const [i, { writer, result }] of uploads.entries()) {
      await writer.write(lineOf(soundOf(2 * MIB, `${i}`)));
      await writer.close();
      expect(await result).toMatchObject({ added: 1 });
    }
    training.release();
    expect([isolateMemory.inUse, isolateMemory.waiting]).toEqual([0, 0]);
  });

  it("waits for more memory for a long row, holds none while it waits, and releases it for the next row", async () => {
    const others = isolateMemory.take(isolateMemory.capacity - STREAM_BYTES);
    const { writer, result } = openUpload();
    await until(() => isolateMemory.inUse === isolateMemory.capacity);
    const line = lineOf(soundOf(6 * MIB));
    await writer.write(line);
    await until(() => isolateMemory.waiting === 1);
    expect(isolateMemory.inUse).toBe(isolateMemory.capacity - STREAM_BYTES);
    others.release();
    await until(() => isolateMemory.inUse === STREAM_BYTES);
    await writer.write(lineOf(soundOf(10)));
    await writer.close();
    expect(await result).toMatchObject({ added: 2 });
    expect([isolateMemory.inUse, isolateMemory.waiting]).toEqual([0, 0]);
  });
});

describe("feedback", () => {
  const give = (head: string, input: object) =>
    call<UploadResult>("POST", `/v1/heads/${head}/feedback`, { key, body: { input, label: "a" } });

  it("accepts a large file if the inputs of its head are files, and reserves memory for it", async () => {
    const all = isolateMemory.take(isolateMemory.capacity);
    const giving = give("sounds", { audio: soundOf(5 * MIB) });
    await until(() => isolateMemory.waiting === 1);
    all.release();
    expect((await giving).body).toMatchObject({ added: 1 });
    expect(isolateMemory.inUse).toBe(0);
  });

  it("is refused with advice if it is larger than any input of the head", async () => {
    const ofText = await call("POST", "/v1/heads/texts/feedback", {
      key,
      body: "x".repeat(5 * MIB),
      headers: JSON_TYPE,
    });
    const ofSound = await call("POST", "/v1/heads/sounds/feedback", {
      key,
      body: "x".repeat(24 * MIB),
      headers: JSON_TYPE,
    });
    for (const answer of [ofText, ofSound]) {
      expectProblem(answer, 413, "too_large");
      expect(answer.body.detail).toMatch(
        /^The body is over \d+ bytes; feedback is one input .*: make the input smaller$/,
      );
    }
  });
});

const JSON_TYPE = { "Content-Type": "application/json" };
