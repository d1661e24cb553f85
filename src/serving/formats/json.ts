// The format `json`: the card, and the tensors as nested arrays, readable by people and in any language. Numbers keep all bits.
import { jsonOf } from "../../core/json-text.ts";
import { LIMITS } from "../../core/limits.ts";
import { Turns } from "../../core/turns.ts";
import { badFile, pointerTo } from "./bad-file.ts";
import { type HeadFile, type NamedTensor, tensorsOf } from "./head-file.ts";

/** One line per field of the card and per row of a matrix; each is a separate piece. */
export function* encodeJson({ card, head }: HeadFile): Generator<string> {
  yield "{\n";
  for (const [name, value] of Object.entries(card)) yield `  ${JSON.stringify(name)}: ${jsonOf(value)},\n`;
  yield '  "tensors": {\n';
  const tensors = tensorsOf(head);
  for (const [i, tensor] of tensors.entries()) {
    yield `    ${JSON.stringify(tensor.name)}: `;
    yield* tensorText(tensor);
    yield i + 1 < tensors.length ? ",\n" : "\n";
  }
  yield "  }\n}\n";
}

function* tensorText({ shape: [length = 0, columns], values }: NamedTensor): Generator<string> {
  if (columns === undefined) yield rowText(values);
  else {
    yield "[\n";
    for (let r = 0; r < length; r++) {
      yield `      ${rowText(values.subarray(r * columns, (r + 1) * columns))}${r + 1 < length ? ",\n" : "\n"}`;
    }
    yield "    ]";
  }
}

/** Numbers of tensors read between two turns: about 3 ms. */
const NUMBERS_A_TURN = 200_000;

const rowText = (values: Float32Array): string => `[${Array.from(values, numberText).join(", ")}]`;

/** `JSON.stringify` writes -0 as 0. */
const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** The tensors of a parsed file. Numbers beyond float32 become infinite and are rejected later. */
export async function tensorsFromJson(tensors: unknown, turns = new Turns()): Promise<NamedTensor[]> {
  if (!isObject(tensors)) throw badFile("/tensors", "must be an object of arrays by name");
  const counted = turns.per(NUMBERS_A_TURN);
  const read: NamedTensor[] = [];
  for (const [name, value] of Object.entries(tensors)) read.push(await tensorFrom(name, value, counted));
  return read;
}

async function tensorFrom(name: string, value: unknown, turns: Turns): Promise<NamedTensor> {
  const pointer = pointerTo("tensors", name);
  if (!Array.isArray(value)) throw badFile(pointer, "must be an array");
  await turns.spend(value.length);
  if (!Array.isArray(value[0])) return { name, shape: [value.length], values: rowFrom(value, pointer) };
  const columns = value[0].length;
  const odd = value.findIndex((row: unknown) => !Array.isArray(row) || row.length !== columns);
  if (odd >= 0) throw badFile(`${pointer}/${odd}`, `must be a row of ${columns} numbers, like the first`);
  const values = new Float32Array(value.length * columns);
  for (const [r, row] of value.entries()) {
    values.set(rowFrom(row, `${pointer}/${r}`), r * columns);
    await turns.spend(columns);
  }
  return { name, shape: [value.length, columns], values };
}

/** A longer row belongs to no head, and reading millions of numbers would block other requests. */
function rowFrom(row: readonly unknown[], pointer: string): Float32Array {
  const most = LIMITS.headParameters;
  if (row.length > most) throw badFile(pointer, `must have at most ${most} numbers`);
  const odd = row.findIndex((value) => typeof value !== "number");
  if (odd >= 0) throw badFile(`${pointer}/${odd}`, "must be a number");
  return Float32Array.from(row as readonly number[]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
