// Selects the headers that are stored with a failed delivery, so that a replay reads the same headers as the first attempt.
import { LIMITS } from "../core/limits.ts";
import { isSafeHeader } from "../core/safe-header.ts";

type Header = readonly [name: string, value: string];

/**
 * Shortest first, as many as the bounds allow: names of events and deliveries are short. `secret`: names to leave out, in addition to
 * the unsafe ones.
 */
export function keptHeaders(headers: readonly Header[], secret: readonly string[]): Header[] {
  const safe = headers.filter(([name]) => isSafeHeader(name) && !secret.includes(name.toLowerCase()));
  const shortest = [...safe].sort((a, b) => charsOf(a) - charsOf(b)).slice(0, LIMITS.headersPerDelivery);
  let chars = 0;
  return shortest.filter((header) => {
    chars += charsOf(header);
    return chars <= LIMITS.deliveryHeaderChars;
  });
}

const charsOf = ([name, value]: Header): number => name.length + value.length;
