// JSON Pointer (RFC 6901) into a parsed payload. Finds own members only, never inherited ones.
import { LIMITS } from "../core/limits.ts";
import { HOOK_WORK } from "../core/work.ts";
import type { MappingWork } from "./mapping-work.ts";

const ARRAY_INDEX = /^(0|[1-9]\d{0,8})$/;

/** The value at `pointer`; undefined if there is none. */
export function valueAtPointer(value: unknown, pointer: string, work?: MappingWork): unknown {
  let at = value;
  const tokens = tokensOf(pointer);
  work?.spend(HOOK_WORK.perStep * (tokens.length + 1));
  for (const token of tokens) {
    if (at === null || typeof at !== "object") return undefined;
    if (Array.isArray(at) ? !ARRAY_INDEX.test(token) : !Object.hasOwn(at, token)) return undefined;
    at = (at as Record<string, unknown>)[token];
  }
  return at;
}

const tokensByPointer = new Map<string, readonly string[]>();

/** Cached, because a condition on the items of an array needs the steps for each item. */
function tokensOf(pointer: string): readonly string[] {
  const known = tokensByPointer.get(pointer);
  if (known) return known;
  const tokens = pointer.split("/").slice(1).map(unescaped);
  if (tokensByPointer.size >= LIMITS.pointersRemembered) tokensByPointer.clear();
  tokensByPointer.set(pointer, tokens);
  return tokens;
}

const unescaped = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");
