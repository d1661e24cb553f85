// Caches by path, because most requests are for a few paths.
import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import { LIMITS } from "../core/limits.ts";

/** Finds routes with Hono's trie, and caches the results. */
export class RememberingRouter<Handler> implements Router<Handler> {
  name = "RememberingRouter";
  readonly #trie = new TrieRouter<Handler>();
  /** By method, then by path: a combined key would be a new string for each request. */
  readonly #found = new Map<string, Map<string, Result<Handler>>>();

  add(method: string, path: string, handler: Handler): void {
    this.#trie.add(method, path, handler);
    this.#found.clear();
  }

  match(method: string, path: string): Result<Handler> {
    return this.#found.get(method)?.get(path) ?? this.#find(method, path);
  }

  #find(method: string, given: string): Result<Handler> {
    const path = copyOf(given); // parameters are substrings of it
    const result = this.#trie.match(method, path);
    if (result[0].length === 0) return result;
    const found = this.#found.get(method) ?? new Map<string, Result<Handler>>();
    this.#found.set(method, found);
    return remember(found, path, result);
  }
}

/** Caches the result of `read` by path. The result must depend on the path alone. */
export function remembering<From, Value>(read: (from: From) => Value): (path: string, from: From) => Value {
  const known = new Map<string, Value>();
  return (path, from) => known.get(path) ?? remember(known, copyOf(path), read(from));
}

/** A string without its parent: V8 keeps the string that a substring was cut from, for a path the whole URL. */
const copyOf = (text: string): string => JSON.parse(JSON.stringify(text)) as string;

function remember<Value>(known: Map<string, Value>, path: string, value: Value): Value {
  if (path.length > LIMITS.rememberedPathChars) return value;
  if (known.size >= LIMITS.pathsRemembered) known.clear();
  known.set(path, value);
  return value;
}
