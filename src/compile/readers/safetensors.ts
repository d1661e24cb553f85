// Reads safetensors: eight bytes with the length of a JSON header, the header, and the tensors' bytes.
import { CompileError } from "../compile-error.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../half-floats.ts";
import { elementsOf, floats, type Tensor } from "../tensor.ts";
import { parseJson, type SourceFile } from "./source-file.ts";

const HEADER_AT = 8;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const WIDTHS: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

export class Safetensors {
  readonly #file: SourceFile;
  readonly #header: Readonly<Record<string, unknown>>;
  readonly #dataAt: number;

  constructor(file: SourceFile) {
    const { path, bytes } = file;
    if (bytes.length < HEADER_AT) throw new CompileError(path, "the file ends before its header");
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    if (length > bytes.length - HEADER_AT)
      throw new CompileError(path, `its header should have ${length} bytes, but the file ends before that`);
    this.#file = file;
    this.#dataAt = HEADER_AT + length;
    const header = bytes.subarray(HEADER_AT, this.#dataAt);
    this.#header = parseJson({ path: `${path}, header`, name: file.name, bytes: header });
  }

  get names(): string[] {
    return Object.keys(this.#header).filter((name) => name !== "__metadata__");
  }

  /** Throws unless the tensor has this shape. */
  read(name: string, shape: readonly number[]): Tensor {
    const place = `${this.#file.path}, tensor "${name}"`;
    const entry = this.#entry(name, place);
    if (entry.shape.join() !== shape.join())
      throw new CompileError(place, `its shape is [${entry.shape.join(", ")}], not [${shape.join(", ")}]`);
    return floats(shape, this.#floats(entry, elementsOf(shape, place), place));
  }

  #entry(name: string, place: string): Entry {
    const entry = Object.hasOwn(this.#header, name) ? (this.#header[name] as Entry) : undefined;
    if (!entry) throw new CompileError(place, "it is missing");
    const { shape, data_offsets: offsets } = entry;
    if (!Array.isArray(shape) || !Array.isArray(offsets))
      throw new CompileError(place, "the header lacks its shape or its offsets");
    return entry;
  }

  #floats({ dtype, data_offsets: [from, end] }: Entry, count: number, place: string): Float32Array {
    const width = WIDTHS[dtype];
    if (width === undefined) throw new CompileError(place, `its type is ${dtype}; F32, F16 and BF16 are read`);
    const most = this.#file.bytes.length - this.#dataAt;
    if (!(from >= 0 && end - from === count * width && end <= most)) {
      const found = `its bytes are [${from}, ${end}) of ${most}`;
      throw new CompileError(place, `${found}, but its shape needs ${count * width} bytes`);
    }
    const bytes = this.#file.bytes.slice(this.#dataAt + from, this.#dataAt + end);
    return widened(dtype, bytes);
  }
}

function widened(dtype: string, { buffer }: Uint8Array): Float32Array {
  if (dtype === "F32") return new Float32Array(buffer);
  return Float32Array.from(new Uint16Array(buffer), dtype === "F16" ? float16ToFloat32 : bfloat16ToFloat32);
}
