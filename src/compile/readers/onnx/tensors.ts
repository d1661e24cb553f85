// Reads ONNX's TensorProto: the numbers in one of six fields, or in another file.
import { join, normalize } from "node:path";
import { CompileError } from "../../compile-error.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../../half-floats.ts";
import { elementType } from "../../operations/views.ts";
import { elementsOf, type Numbers, type Tensor } from "../../tensor.ts";
import { readSourceFile, type SourceFile } from "../source-file.ts";
import { type Field, fieldOf, fieldsOf, floatsOf, textOf, varintsOf } from "./wire.ts";

interface ElementFormat {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** By ONNX's numbers of element types. */
const FORMATS: Readonly<Record<number, ElementFormat>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 1, read: (view, at) => view.getInt8(at) },
  4: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: { bytes: 1, read: (view, at) => view.getUint8(at) },
  10: { bytes: 2, read: (view, at) => float16ToFloat32(view.getUint16(at, true)) },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  12: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  13: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  16: { bytes: 2, read: (view, at) => bfloat16ToFloat32(view.getUint16(at, true)) },
};

const [FLOAT, UINT8, INT8, FLOAT16, DOUBLE, BFLOAT16] = [1, 2, 3, 10, 11, 16];

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Reads tensors of one model, and the files beside it that hold their bytes. */
export class TensorReader {
  readonly #model: SourceFile;
  readonly #external = new Map<string, SourceFile>();

  constructor(model: SourceFile) {
    this.#model = model;
  }

  /** The files that were read beside the model. */
  get externalFiles(): SourceFile[] {
    return [...this.#external.values()];
  }

  read(message: Uint8Array): NamedTensor {
    const fields = fieldsOf(message, this.#model.path);
    const nameField = fieldOf(fields, 8);
    const name = nameField ? textOf(nameField) : "";
    const place = `${this.#model.path}, tensor "${name}"`;
    const code = fieldOf(fields, 2)?.value ?? 0;
    const format = FORMATS[code];
    if (!format)
      throw new CompileError(place, `its element type is ${code}; covered: ${Object.keys(FORMATS).join(", ")}`);
    const shape = varintsOf(fields, 1, place);
    const count = elementsOf(shape, place);
    const data = this.#numbers(fields, code, format, count, place);
    if (data.length === count) return { name, tensor: { type: elementType(code), shape, data } };
    throw new CompileError(place, `its shape [${shape.join(", ")}] needs ${count} numbers, but it has ${data.length}`);
  }

  #numbers(fields: readonly Field[], code: number, format: ElementFormat, count: number, place: string): Numbers {
    const raw = this.#rawBytes(fields, count * format.bytes, place);
    if (raw) return decoded(raw, code, format, place);
    if (code === FLOAT) return Float32Array.from(floatsOf(fields, 4));
    const wholes = varintsOf(fields, code === 7 ? 7 : 5, place);
    return code === FLOAT16 ? Float32Array.from(wholes, float16ToFloat32) : Float64Array.from(wholes);
  }

  #rawBytes(fields: readonly Field[], bytes: number, place: string): Uint8Array | null {
    const isExternal = fieldOf(fields, 14)?.value === 1;
    return isExternal ? this.#externalBytes(fields, bytes, place) : (fieldOf(fields, 9)?.bytes ?? null);
  }

  #externalBytes(fields: readonly Field[], bytes: number, place: string): Uint8Array {
    const entries = fields.filter(({ number }) => number === 13).map(({ bytes: entry }) => entryOf(entry, place));
    const { location = "", offset = "0", length = String(bytes) } = Object.fromEntries(entries);
    const file = this.#externalFile(location, place);
    const [from, end] = [Number(offset), Number(offset) + Number(length)];
    if (from >= 0 && end >= from && end <= file.bytes.length) return file.bytes.subarray(from, end);
    throw new CompileError(place, `its bytes are [${from}, ${end}) of ${location}, which has ${file.bytes.length}`);
  }

  #externalFile(location: string, place: string): SourceFile {
    const path = normalize(location);
    // SECURITY: a model must not make the compiler read files outside its folder.
    if (location === "" || path.startsWith("..") || path.startsWith("/"))
      throw new CompileError(place, `its bytes are in "${location}"; expected a file beside the model`);
    const file = this.#external.get(path) ?? readSourceFile(join(this.#model.path, "..", path));
    this.#external.set(path, file);
    return file;
  }
}

function entryOf(message: Uint8Array, place: string): [string, string] {
  const fields = fieldsOf(message, place);
  const [key, value] = [fieldOf(fields, 1), fieldOf(fields, 2)];
  return [key ? textOf(key) : "", value ? textOf(value) : ""];
}

function decoded(raw: Uint8Array, code: number, { bytes, read }: ElementFormat, place: string): Numbers {
  if (raw.length % bytes !== 0) throw new CompileError(place, `it has ${raw.length} bytes, not a multiple of ${bytes}`);
  if (code === INT8) return new Int8Array(raw.buffer, raw.byteOffset, raw.length);
  if (code === UINT8) return raw;
  if (code === FLOAT) return new Float32Array(raw.slice().buffer);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const isFloat = [FLOAT, FLOAT16, DOUBLE, BFLOAT16].includes(code);
  const data = isFloat ? new Float32Array(raw.length / bytes) : new Float64Array(raw.length / bytes);
  for (let at = 0; at < data.length; at++) data[at] = read(view, at * bytes);
  return data;
}
