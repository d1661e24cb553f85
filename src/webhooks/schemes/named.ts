// Reads the id of a delivery from the place that the source names: a header, or a pointer into the payload.
import { textOf } from "../exact-number.ts";
import { valueAtPointer } from "../json-pointer.ts";
import type { SchemeOptions, SignedRequest } from "./scheme.ts";

/** The id; null if there is none. A number counts as its text, with all digits. */
export function nameByOptions(
  { headers }: SignedRequest,
  payload: unknown,
  { id_header: header, id_pointer: pointer }: SchemeOptions,
): string | null {
  const name = header === undefined ? null : headers.get(header);
  return name || (pointer === undefined ? null : textOf(valueAtPointer(payload, pointer)));
}
