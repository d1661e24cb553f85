// The format `safetensors` (github.com/huggingface/safetensors, README "Format"): uint64 length of the header, little-endian;
// the header, JSON that begins with "{" and may be padded with spaces; the tensors, without holes. The card is in the header's
// `__metadata__`, which may only hold strings.
import { bytesOf, toFloat32, utf8 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { badFile, pointerTo } from "./bad-file.ts";
import { cardOfText, type ParseJson, textOfCard } from "./card-text.ts";
import { type HeadFile, type NamedTensor, tensorsOf } from "./head-file.ts";

const LENGTH_BYTES = 8;
const FLOAT32_BYTES = 4;
/** Bytes of a tensor that are written as one piece. */
const PIECE_BYTES = 1 << 18;

/** The header, and each tensor in pieces. */
export function* encodeSafetensors({ card, head }: HeadFile): Generator<Uint8Array> {
  const tensors = tensorsOf(head);
  const header: Record<string, unknown> = { __metadata__: textOfCard(card) };
  let at = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
  }
  const text = utf8(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.byteLength / LENGTH_BYTES) * LENGTH_BYTES).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.byteLength), true);
  yield length;
  yield padded;
  for (const { values } of tensors) yield* piecesOf(bytesOf(values));
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
}

/** The card, not validated, and the tensors of a file. */
export async function decodeSafetensors(
  file: Uint8Array,
  parse: ParseJson,
): Promise<{ card: unknown; tensors: NamedTensor[] }> {
  const { header: text, data } = split(file);
  const header = await headerOf(text, parse);
  const { __metadata__: metadata, ...entries } = header;
  const card = await cardOfText(metadataOf(metadata), parse, (key) => {
    throw badFile(pointerTo("__metadata__", key), "must be JSON");
  });
  const places = Object.entries(entries).map(([name, entry]) => placeOf(name, entry));
  assertNoHoles(places, data.byteLength);
  const tensors = places.map(({ name, shape, from, to }) => ({ name, shape, values: toFloat32(data.slice(from, to)) }));
  return { card, tensors };
}

function split(file: Uint8Array): { header: Uint8Array; data: Uint8Array } {
  if (file.byteLength < LENGTH_BYTES)
    throw badFile("", "is not a safetensors file: it ends before its header's length");
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const most = Math.min(LIMITS.fileHeaderBytes, file.byteLength - LENGTH_BYTES);
  if (length > BigInt(most)) throw badFile("", `declares a header of ${length} bytes; the most is ${most}`);
  const start = LENGTH_BYTES + Number(length);
  return { header: file.subarray(LENGTH_BYTES, start), data: file.subarray(start) };
}

async function headerOf(bytes: Uint8Array, parse: ParseJson): Promise<Record<string, unknown>> {
  if (bytes[0] !== 0x7b) throw badFile("", 'has a header that does not begin with "{"');
  try {
    return (await parse(bytes)) as Record<string, unknown>;
  } catch (error) {
    throw badFile("", `has a header that cannot be read: ${(error as Error).message}`);
  }
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    throw badFile("/__metadata__", "is required: it holds the card as strings");
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") throw badFile(pointerTo("__metadata__", key), "must be a string");
  }
  return metadata as Record<string, string>;
}

interface Place {
  readonly name: string;
  readonly shape: number[];
  readonly from: number;
  readonly to: number;
}

function placeOf(name: string, entry: unknown): Place {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const pointer = pointerTo(name);
  if (dtype !== "F32") throw badFile(`${pointer}/dtype`, "must be F32");
  if (!isNaturals(shape) || shape.length < 1 || shape.length > 2)
    throw badFile(`${pointer}/shape`, "must be one or two whole numbers");
  if (!isNaturals(offsets) || offsets.length !== 2)
    throw badFile(`${pointer}/data_offsets`, "must be two whole numbers");
  const [from, to] = offsets as [number, number];
  const bytes = FLOAT32_BYTES * shape.reduce((product, extent) => product * extent, 1);
  if (to - from !== bytes)
    throw badFile(`${pointer}/data_offsets`, `must lie ${bytes} bytes apart, as the shape says; they lie ${to - from}`);
  return { name, shape, from, to };
}

const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);

/** Tensors must follow each other from the first byte to the last, without overlaps or unused bytes. */
function assertNoHoles(places: readonly Place[], bytes: number): void {
  let at = 0;
  for (const { name, from, to } of places.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== at)
      throw badFile(`${pointerTo(name)}/data_offsets`, `must begin at ${at}, where the tensor before it ends`);
    at = to;
  }
  if (at !== bytes) throw badFile("", `has ${bytes} bytes of tensors; its header lists ${at}`);
}
