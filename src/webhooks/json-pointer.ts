// JSON Pointer (RFC 6901) into a parsed payload. Own members only: a payload never leads to what objects inherit.

const ARRAY_INDEX = /^(0|[1-9]\d{0,8})$/;

/** What stands at `pointer`; undefined where nothing does. */
export function valueAtPointer(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of tokensOf(pointer)) {
    if (at === null || typeof at !== "object") return undefined;
    if (Array.isArray(at) ? !ARRAY_INDEX.test(token) : !Object.hasOwn(at, token)) return undefined;
    at = (at as Record<string, unknown>)[token];
  }
  return at;
}

const tokensOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
