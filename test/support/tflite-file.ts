// Writes small TensorFlow Lite files for tests: FlatBuffers, front to back, with only the fields that the tests need.

/** A field of a table: a number with its bytes, or what an offset points to. */
type Field = { readonly bytes: 1 | 4; readonly value: number } | Part | null;

/** Something that offsets point to: writes itself at the end of the file, and returns where it begins. */
type Part = (file: Writer) => number;

class Writer {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  push(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  align(to: number): void {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0);
  }

  set32(at: number, value: number): void {
    for (let byte = 0; byte < 4; byte++) this.#bytes[at + byte] = (value >>> (8 * byte)) & 255;
  }

  result(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

const int8 = (value: number): Field => ({ bytes: 1, value });
const int32 = (value: number): Field => ({ bytes: 4, value });
const isPart = (field: Field): field is Part => typeof field === "function";

/** The places of the fields come first, then the table, then what it points to. */
const table =
  (...fields: readonly Field[]): Part =>
  (file) => {
    file.align(4);
    const places = file.length;
    let size = 4;
    const offsets = fields.map((field) => {
      const at = size;
      size += field === null ? 0 : 4;
      return field === null ? 0 : at;
    });
    const words = [4 + 2 * fields.length, size, ...offsets];
    file.push(...words.flatMap((word) => [word & 255, word >> 8]));
    file.align(4);
    const start = file.length;
    file.push(...new Array(size).fill(0));
    file.set32(start, start - places);
    fields.forEach((field, at) => {
      const place = start + (offsets[at] as number);
      if (isPart(field)) file.set32(place, field(file) - place);
      else if (field) file.set32(place, field.value & (field.bytes === 1 ? 255 : 0xffffffff));
    });
    return start;
  };

const bytesOf =
  (bytes: Uint8Array): Part =>
  (file) => {
    file.align(16);
    file.push(0, 0, 0, 0);
    const start = file.length - 4;
    file.set32(start, bytes.length);
    file.push(...bytes);
    return start;
  };

const vector =
  (count: number, bytes: Uint8Array): Part =>
  (file) => {
    const start = bytesOf(bytes)(file);
    file.set32(start, count);
    return start;
  };

const int32s = (values: readonly number[]): Part =>
  vector(values.length, new Uint8Array(Int32Array.from(values).buffer));
const text = (value: string): Part => bytesOf(new TextEncoder().encode(value));

const tables =
  (parts: readonly Part[]): Part =>
  (file) => {
    const start = int32s(parts.map(() => 0))(file);
    parts.forEach((part, at) => {
      const place = start + 4 + 4 * at;
      file.set32(place, part(file) - place);
    });
    return start;
  };

export interface TfliteTensorSketch {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32, or int8 with a scale. */
  readonly values?: readonly number[];
  readonly scale?: number;
  /** int32. */
  readonly indices?: readonly number[];
}

export interface TfliteOperatorSketch {
  readonly code: number;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Numbers by field: of one byte, or of four. */
  readonly options?: readonly { readonly bytes: 1 | 4; readonly value: number }[];
}

export interface TfliteSketch {
  readonly tensors: readonly TfliteTensorSketch[];
  readonly operators: readonly TfliteOperatorSketch[];
  readonly input: number;
  readonly output: number;
}

function dataOf({ values, scale, indices }: TfliteTensorSketch): Uint8Array {
  if (indices) return new Uint8Array(Int32Array.from(indices).buffer);
  if (!values) return new Uint8Array(0);
  return new Uint8Array((scale === undefined ? Float32Array : Int8Array).from(values).buffer);
}

const TYPES = { f32: 0, int32: 2, int8: 9 } as const;

function tensorTable(tensor: TfliteTensorSketch, at: number): Part {
  const { name, shape, scale, indices } = tensor;
  const type = indices ? TYPES.int32 : scale === undefined ? TYPES.f32 : TYPES.int8;
  const scales = scale === undefined ? null : vector(1, new Uint8Array(Float32Array.of(scale).buffer));
  return table(int32s(shape), int8(type), int32(at), text(name), scales && table(null, null, scales));
}

export function tfliteFile({ tensors, operators, input, output }: TfliteSketch): Uint8Array {
  const codes = [...new Set(operators.map(({ code }) => code))];
  const graph = table(
    tables(tensors.map(tensorTable)),
    int32s([input]),
    int32s([output]),
    tables(
      operators.map(({ code, inputs, output: result, options }) =>
        table(
          int32(codes.indexOf(code)),
          int32s(inputs),
          int32s([result]),
          int8(1),
          options ? table(...options) : null,
        ),
      ),
    ),
  );
  const file = new Writer();
  file.push(0, 0, 0, 0, ...new TextEncoder().encode("TFL3"));
  const root = table(
    int32(3),
    tables(codes.map((code) => table(int8(Math.min(code, 127)), null, null, int32(code)))),
    tables([graph]),
    null,
    tables(tensors.map((tensor) => table(bytesOf(dataOf(tensor))))),
  );
  file.set32(0, root(file));
  return file.result();
}
