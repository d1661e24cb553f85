// A delivery for mappings: its payload and its headers. Each value has a place: a JSON Pointer (RFC 6901) into the payload, or
// "header:" and a name.
import { HEADER } from "../contract/mapping.ts";
import { isSafeHeader } from "../core/safe-header.ts";
import { valueAtPointer } from "./json-pointer.ts";
import type { MappingWork } from "./mapping-work.ts";

export interface Delivered {
  readonly payload: unknown;
  readonly headers: Pick<Headers, "get">;
  readonly work: MappingWork;
}

/** The value at `place`; undefined if there is none. */
export function valueAt({ payload, headers, work }: Delivered, place: string): unknown {
  const name = headerIn(place);
  if (name === null) return valueAtPointer(payload, place, work);
  return isSafeHeader(name) ? (headers.get(name) ?? undefined) : undefined;
}

/** The name of the header at `place`; null if `place` is a pointer. */
export const headerIn = (place: string): string | null =>
  place.startsWith(HEADER) ? place.slice(HEADER.length) : null;

/** A place as error messages name it. */
export const reasonAt = (place: string): { readonly pointer: string } | { readonly header: string } => {
  const header = headerIn(place);
  return header === null ? { pointer: place } : { header };
};

export const NO_HEADERS = new Headers();
