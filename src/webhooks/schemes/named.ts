// How a delivery is named where the source says where its name stands: in a header, or in the payload.
import { textOf } from "../exact-number.ts";
import { valueAtPointer } from "../json-pointer.ts";
import type { SchemeOptions, SignedRequest } from "./scheme.ts";

/** The name; null where none is found. A number counts as its digits, all of them. */
export function nameByOptions(
  { headers }: SignedRequest,
  payload: unknown,
  { id_header: header, id_pointer: pointer }: SchemeOptions,
): string | null {
  const name = header === undefined ? null : headers.get(header);
  return name || (pointer === undefined ? null : textOf(valueAtPointer(payload, pointer)));
}
