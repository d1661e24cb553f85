// Runs the shared suite for every kind of input. A new kind does not compile until its sample is added here.
import { expect, it } from "vitest";
import { fieldErrors } from "../../../src/contract/field-errors.ts";
import { charsOfFile } from "../../../src/contract/inputs/file.ts";
import { input as inputSchema, MODALITIES, type Modality } from "../../../src/contract/inputs.ts";
import { bytesOf, toBase64 } from "../../../src/core/bytes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { describeInputs, type InputSample } from "../../suites/input.suite.ts";
import { dataUrl, jpegOf, pngOf, riffOf } from "../../support/files.ts";

const { imageBytes, audioBytes, textChars, dimensions } = LIMITS;
const base64Of = (numbers: readonly number[]): string => toBase64(bytesOf(Float32Array.from(numbers)));
const charsOf = (bytes: number): number => 4 * Math.ceil(bytes / 3);

const IMAGE_FORMATS = "must be base64 or a data URL of JPEG, PNG or WebP";

const SAMPLES: Readonly<Record<Modality, InputSample>> = {
  text: {
    dimension: 0,
    inputs: [{ text: "Wo ist mein Paket? 包裹" }, { text: "a" }, { text: "\0" }, { text: "x".repeat(textChars) }],
    digest: "e20066f9847e96e92a0690bf53c29e29588affee39c4bf748b56267002a8394e",
    bad: [
      ["empty", { text: "" }, "text is empty"],
      ["invisible", { text: " \u200b\n" }, "text is empty"],
      [
        "too long",
        { text: "x".repeat(textChars + 1) },
        `text has ${textChars + 1} characters; the most is ${textChars}: cut it to what matters`,
      ],
    ],
    huge: [{ text: "\u200b".repeat(32 * 1024 * 1024) }],
  },
  features: {
    dimension: 3,
    inputs: [{ features: [1, -2.5, -0] }, { features: base64Of([4, 5, 6]) }, { features: [-1e38, 1e-45, 3] }],
    digest: "738e86d615200bd3391d7ae379779a8e4644bade56d93d0634aa07004fa697f3",
    bad: [
      ["too short", { features: [1, 2] }, "expected 3 numbers, got 2"],
      ["not finite", { features: [1, 1e39, 2] }, "number 1 is not finite as a float32"],
      ["no base64", { features: "%" }, "features as text must be base64 of little-endian float32 values"],
    ],
    huge: [{ features: "AAAA".repeat(8 * 1024 * 1024) }, { features: Array(16 * dimensions).fill(0) }],
  },
  image: {
    dimension: 0,
    inputs: [
      { image: toBase64(pngOf("one")) },
      { image: dataUrl("image/png", pngOf("two")) },
      { image: dataUrl("IMAGE/JPG", jpegOf("three")) },
      { image: toBase64(riffOf("WEBP", "four")) },
    ],
    digest: "a3bea3f99d910d4fda4433c0a3794b718278c6485e1e2dddac8f346357ba0d27",
    bad: [
      ["empty", { image: "" }, "image is empty"],
      ["an empty data URL", { image: "data:image/png;base64," }, "image is empty"],
      ["no base64", { image: "not base64!" }, `image ${IMAGE_FORMATS}`],
      ["a URL", { image: "https://example.com/a.png" }, `image ${IMAGE_FORMATS}`],
      [
        "a data URL without base64",
        { image: "data:image/svg+xml,<svg/>" },
        "image as a data URL must begin like data:image/jpeg;base64,",
      ],
      [
        "a data URL that does not end its media type",
        { image: `data:${"a".repeat(10_000)};base64,AAAA` },
        "image as a data URL must begin like data:image/jpeg;base64,",
      ],
      [
        "of another format",
        { image: toBase64(riffOf("WAVE", "")) },
        "image is not a file of JPEG, PNG or WebP, by its first bytes",
      ],
      ["too short", { image: "iVBO" }, "image is not a file of JPEG, PNG or WebP, by its first bytes"],
      [
        "of another media type than its data URL says",
        { image: dataUrl("image/webp", pngOf("")) },
        'image is image/png by its first bytes, but its data URL says "image/webp"',
      ],
      [
        "too large",
        { image: toBase64(pngOf("x".repeat(imageBytes))) },
        `image has ${imageBytes + 8} bytes; the most is ${imageBytes}: make it smaller`,
      ],
    ],
    huge: [
      { image: "A".repeat(charsOf(32 * 1024 * 1024)) },
      { image: `data:${"a;".repeat(1024 * 1024)}` },
      { image: `${"A".repeat(charsOf(imageBytes) - 1)}!` },
    ],
  },
  audio: {
    dimension: 0,
    inputs: [
      { audio: toBase64(riffOf("WAVE", "one")) },
      { audio: dataUrl("audio/wav", riffOf("WAVE", "two")) },
      { audio: dataUrl("audio/x-wav", riffOf("WAVE", "three")) },
    ],
    digest: "cb243543cb1ad3a134603f95cf99b0c7e0dcf36534728e54518e8e72fdf15f8a",
    bad: [
      ["empty", { audio: "" }, "audio is empty"],
      ["no base64", { audio: "*" }, "audio must be base64 or a data URL of WAV"],
      ["of another format", { audio: toBase64(riffOf("WEBP", "")) }, "audio is not a file of WAV, by its first bytes"],
      [
        "of another media type than its data URL says",
        { audio: dataUrl("audio/mpeg", riffOf("WAVE", "")) },
        'audio is audio/wav by its first bytes, but its data URL says "audio/mpeg"',
      ],
    ],
    huge: [{ audio: "A".repeat(charsOf(32 * 1024 * 1024)) }, { audio: `${"A".repeat(charsOf(audioBytes) - 1)}!` }],
  },
};

for (const modality of MODALITIES) describeInputs(modality, SAMPLES[modality]);

it.each([
  ["image", imageBytes],
  ["audio", audioBytes],
])(
  "the input schema limits %s to the characters of its largest file, and names the field if it is longer",
  (field, most) => {
    const largest = "A".repeat(charsOfFile(most));
    expect(inputSchema.safeParse({ [field]: largest }).success).toBe(true);
    const { error } = inputSchema.safeParse({ [field]: `${largest}A` });
    const detail = expect.stringContaining(`${charsOfFile(most)} characters`);
    expect(error && fieldErrors(error)).toEqual([{ pointer: `/${field}`, detail }]);
  },
);
