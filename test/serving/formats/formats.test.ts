// The formats byte by byte: numbers keep their bits on export and import, and metadata contain everything except weights.
import { describe, expect, it } from "vitest";
import { bytesOf, concatBytes } from "../../../src/core/bytes.ts";
import { type NamedTensor, tensorsOf } from "../../../src/serving/formats/head-file.ts";
import { encodeJson, tensorsFromJson } from "../../../src/serving/formats/json.ts";
import { encodeOnnx } from "../../../src/serving/formats/onnx.ts";
import { bytesField, intField } from "../../../src/serving/formats/protobuf.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../src/serving/formats/safetensors.ts";
import { encodeTfjs } from "../../../src/serving/formats/tfjs.ts";
import { fileOfHead, ODD_NUMBERS } from "../../support/heads.ts";

const file = fileOfHead(ODD_NUMBERS);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bitsOf = (tensors: readonly NamedTensor[]) =>
  tensors.map(({ name, shape, values }) => ({ name, shape, bits: [...bytesOf(values)] }));

describe("json", () => {
  const parsed = JSON.parse([...encodeJson(file)].join(""));

  it("keeps the bits of every number, including -0", async () => {
    expect(bitsOf(await tensorsFromJson(parsed.tensors))).toEqual(bitsOf(tensorsOf(file.head)));
  });

  it("contains the card unchanged", () => {
    const { tensors: _, ...card } = parsed;
    expect(card).toEqual(file.card);
  });
});

describe("safetensors", () => {
  const written = concatBytes([...encodeSafetensors(file)]);
  const parse = async (json: Uint8Array) => JSON.parse(textOf(json));

  it("keeps the bits of every number, and the card", async () => {
    const { card, tensors } = await decodeSafetensors(written, parse);
    expect(bitsOf(tensors)).toEqual(bitsOf(tensorsOf(file.head)));
    expect(card).toEqual(file.card);
  });

  it("is read at any offset of its buffer", async () => {
    const moved = Uint8Array.from([1, 2, 3, ...written]).subarray(3);
    expect(bitsOf((await decodeSafetensors(moved, parse)).tensors)).toEqual(bitsOf(tensorsOf(file.head)));
  });
});

describe("tfjs", () => {
  const model = JSON.parse([...encodeTfjs(file)].join(""));

  it("contains its weights, each where the manifest says, and the card", () => {
    const [{ paths, weights }] = model.weightsManifest;
    const data = Uint8Array.from(atob(paths[0].split(",")[1]), (char) => char.charCodeAt(0));
    const numbers = weights.reduce((sum: number, { shape }: NamedTensor) => sum + shape.reduce((a, b) => a * b), 0);
    expect(data.byteLength).toBe(4 * numbers);
    expect(model.userDefinedMetadata).toEqual(file.card);
  });
});

/** The fields of a message by number: varints as numbers, the rest as bytes. */
function fieldsOf(message: Uint8Array): [number, number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.byteLength) {
    const key = varint();
    const value = varint();
    fields.push([key >> 3, (key & 7) === 0 ? value : message.subarray(at, at + value)]);
    if ((key & 7) !== 0) at += value;
  }
  return fields;
}

describe("onnx", () => {
  const model = fieldsOf(encodeOnnx(file));

  it("contains the whole card in its metadata", () => {
    const entries = model.filter(([field]) => field === 14).map(([, entry]) => fieldsOf(entry as Uint8Array));
    const metadata = Object.fromEntries(entries.map((pair) => pair.map(([, text]) => textOf(text as Uint8Array))));
    expect(metadata).toMatchObject({ task: "multilabel", kind: "linear", labels: JSON.stringify(file.head.labels) });
    expect(JSON.parse(metadata.version as string)).toEqual(file.card.version);
    expect(Object.keys(metadata).sort()).toEqual(Object.keys(file.card).sort());
  });

  it("has IR version 8 and operator set 17", () => {
    const operatorSet = model.find(([field]) => field === 8)?.[1] as Uint8Array;
    expect([model[0], fieldsOf(operatorSet).at(-1)]).toEqual([
      [1, 8],
      [2, 17],
    ]);
  });
});

// protobuf.dev/programming-guides/encoding: 150 in field 1 is 08 96 01, "testing" in field 2 is 12 07 and its letters.
it("the writer gives the documented bytes for the fields of Protocol Buffers", () => {
  expect([...intField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  const testing = new TextEncoder().encode("testing");
  expect([...bytesField(2, testing)]).toEqual([0x12, 0x07, ...testing]);
  expect([...intField(16, 2 ** 35)]).toEqual([0x80, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
});
