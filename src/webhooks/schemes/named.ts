// How a delivery is named where the source says where its name stands: in a header, or in the payload.
import { valueAt } from "../json-pointer.ts";
import type { SchemeOptions, SignedRequest } from "./scheme.ts";

/** The name; null where none is found. A number counts as its digits. */
export function nameByOptions(
  { headers }: SignedRequest,
  payload: unknown,
  { id_header: header, id_pointer: pointer }: SchemeOptions,
): string | null {
  const name = header === undefined ? null : headers.get(header);
  return name || (pointer === undefined ? null : textOf(valueAt(payload, pointer)));
}

const textOf = (value: unknown): string | null =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
