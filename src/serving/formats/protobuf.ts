// A Protocol Buffers writer with what ONNX needs (protobuf.dev/programming-guides/encoding): varints, and fields of bytes,
// texts or messages.
import { concatBytes, utf8 } from "../../core/bytes.ts";

const WIRE = { varint: 0, bytes: 2 } as const;

/** Seven bits per byte, the lowest first. `value` is a whole number from 0 to 2⁵³. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

export const intField = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + WIRE.varint), ...varint(value)]);

export const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.from([...varint(field * 8 + WIRE.bytes), ...varint(bytes.byteLength)]), bytes]);

export const textField = (field: number, text: string): Uint8Array => bytesField(field, utf8(text));

export const messageField = (field: number, ...fields: readonly Uint8Array[]): Uint8Array =>
  bytesField(field, concatBytes(fields));
