// What is remembered of paths: most requests are for a few, again and again.
import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import { LIMITS } from "../core/limits.ts";

/** Finds routes as Hono's trie does, and remembers what it found. */
export class RememberingRouter<Handler> implements Router<Handler> {
  name = "RememberingRouter";
  readonly #trie = new TrieRouter<Handler>();
  /** By method, then by path: a key made of both would be a new string each time. */
  readonly #found = new Map<string, Map<string, Result<Handler>>>();

  add(method: string, path: string, handler: Handler): void {
    this.#trie.add(method, path, handler);
    this.#found.clear();
  }

  match(method: string, path: string): Result<Handler> {
    return this.#found.get(method)?.get(path) ?? this.#find(method, path);
  }

  #find(method: string, path: string): Result<Handler> {
    const result = this.#trie.match(method, path);
    if (result[0].length === 0 || path.length > LIMITS.rememberedPathChars) return result;
    const found = this.#found.get(method) ?? new Map<string, Result<Handler>>();
    if (found.size >= LIMITS.pathsRemembered) found.clear();
    found.set(path, result);
    this.#found.set(method, found);
    return result;
  }
}

/** A pure parser of few and short values, which come again and again. */
export function remembering(
  parser: (given: Record<string, string>) => unknown,
): (given: Record<string, string>) => unknown {
  const known = new Map<string, unknown>();
  return (given) => {
    const key = JSON.stringify(given);
    if (known.has(key)) return known.get(key);
    const parsed = parser(given);
    if (known.size >= LIMITS.pathsRemembered) known.clear();
    known.set(key, parsed);
    return parsed;
  };
}
