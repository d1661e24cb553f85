// Signed feature hashing: where a hash goes among the buckets, and with which sign.
import { WORD_CODE_BITS } from "./word-table.ts";

export const TEXT_DIMENSION = 1024;
export const HASHED_DIMENSION = TEXT_DIMENSION - WORD_CODE_BITS;

// Several buckets a feature make one bad collision cost a fraction of it.
const PROBES = 4;

const FNV_PRIME = 0x01000193;
const GRAM_SEED = 0x9747b28c;
const PROBE_STEP = 0x9e3779b9;
const BOUNDARY = 32;

/** Murmur3's finaliser: spreads every input bit over the bucket and the sign. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** FNV-1a of the first `length` code units, spread. */
export function hashPrefix(text: string, length: number, seed: number): number {
  let h = seed;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return mix(h);
}

export function hashPair(first: number, second: number, factor: number): number {
  return mix((Math.imul(first, factor) + second) | 0);
}

/** A bucket and a sign, of a hash that a probe has come to, in one number: twice the bucket, plus one for minus. */
const placeOf = (hash: number): number => 2 * ((hash >>> 8) % HASHED_DIMENSION) + (hash & 1);

const probeAfter = (hash: number): number => mix((hash + PROBE_STEP) | 0);

/** Where these hashes go, one after another. */
export function placesOf(hashes: readonly number[]): Uint16Array {
  const places = new Uint16Array(PROBES * hashes.length);
  let at = 0;
  for (const hash of hashes) {
    let h = hash;
    for (let probe = 0; probe < PROBES; probe++) {
      h = probeAfter(h);
      places[at++] = placeOf(h);
    }
  }
  return places;
}

// No branch: a sign is drawn, and half of all guesses would fail.
function addAt(sums: Float64Array, place: number, weight: number): void {
  const bucket = place >>> 1;
  sums[bucket] = (sums[bucket] as number) + weight * (1 - 2 * (place & 1));
}

export function addPlaces(sums: Float64Array, places: Uint16Array, weight: number): void {
  for (let i = 0; i < places.length; i++) addAt(sums, places[i] as number, weight);
}

/** The same for a hash that is added once. */
export function addHash(sums: Float64Array, hash: number, weight: number): void {
  let h = hash;
  for (let probe = 0; probe < PROBES; probe++) {
    h = probeAfter(h);
    addAt(sums, placeOf(h), weight);
  }
}

/** Hashes of the substrings of these sizes, of the word with a boundary before and after it. */
export function gramsOf(word: string, [smallest, largest]: readonly [number, number]): number[] {
  const grams: number[] = [];
  for (let start = -1; start <= word.length; start++) {
    const longest = Math.min(largest, word.length + 1 - start);
    let h = GRAM_SEED;
    for (let size = 1; size <= longest; size++) {
      const at = start + size - 1;
      h = Math.imul(h ^ (at < 0 || at >= word.length ? BOUNDARY : word.charCodeAt(at)), FNV_PRIME);
      if (size >= smallest) grams.push(mix(h ^ size));
    }
  }
  return grams;
}
