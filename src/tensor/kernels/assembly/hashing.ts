// Feature hashing of texts (Weinberger et al. 2009): maps a token's words, prefixes and n-grams to buckets with signs, sums
// them, and normalises the sum to length one.
//
// A token, at an address that is a multiple of eight: float64 at [0] its weight in pairs, at [8] the weight of the token and
// its prefix, at [16] the weight of its n-grams, at [24] the rarity that weights its code; [32] the code's 64 signs; [40] its
// hash; [44] and [46] the numbers of its own places and of its n-grams' places, which follow from [48] on with 16 bits each.
// The caller writes the fields before the hash; the rest is computed from the characters.
//
// A place is a bucket and a sign in one number: twice the bucket, plus one for minus.

export const TEXT_DIMENSIONS: i32 = 1024;
/** The first dimensions hold hashes; the signs of codes go to the rest. */
export const HASHED_DIMENSIONS: i32 = 960;

// A feature goes to several buckets, so that one bad collision affects only a fraction of it.
const PROBES: i32 = 4;
const PROBE_STEP: i32 = 0x9e3779b9;

const FNV_PRIME: i32 = 0x01000193;
const FNV_BASIS: i32 = 0x811c9dc5;
const PREFIX_SEED: i32 = 0x01234567;
const GRAM_SEED: i32 = 0x9747b28c;
const PREFIX_LENGTH: i32 = 3;
/** Stands before and after a word. */
const BOUNDARY: i32 = 32;

/** Token kinds, numbered as the caller numbers them. */
const UNSPACED: i32 = 1;
const SYMBOL: i32 = 2;

const PAIR_WEIGHT: f64 = 0.3;
const SKIP_WEIGHT: f64 = 0.2;
// The codes have 1 bit per dimension and cover one language, so they get the smaller share of the length.
const CODE_SHARE: f64 = 0.5;

const PLACES: usize = 48;

/** State of the current text: hash and weight of the previous token and of the one before it, and the number of tokens. */
let lastHash: i32 = 0;
let lastWeight: f64 = 0;
let beforeHash: i32 = 0;
let beforeWeight: f64 = 0;
let tokens: i32 = 0;

/** MurmurHash3's finaliser: spreads every input bit over the bucket and the sign. */
// @ts-ignore: decorator
@inline
function mix(value: i32): i32 {
  let x = (value ^ (value >>> 16)) * 0x85ebca6b;
  x = (x ^ (x >>> 13)) * 0xc2b2ae35;
  return x ^ (x >>> 16);
}

/** FNV-1a over 16-bit characters, then mixed. */
function hashOf(chars: usize, length: i32, seed: i32): i32 {
  let h = seed;
  for (let i = 0; i < length; i++) h = (h ^ <i32>load<u16>(chars + (<usize>i << 1))) * FNV_PRIME;
  return mix(h);
}

/** The hash of the first `length` characters, which is the key of a word in the word table. */
export function hashPrefix(chars: usize, length: i32): i32 {
  return hashOf(chars, length, FNV_BASIS);
}

/** Writes the places of a hash. Returns the address after the last one. */
// @ts-ignore: decorator
@inline
function writePlaces(hash: i32, out: usize): usize {
  let h = hash;
  for (let probe = 0; probe < PROBES; probe++, out += 2) {
    h = mix(h + PROBE_STEP);
    store<u16>(out, <u16>(2 * ((<u32>h >>> 8) % HASHED_DIMENSIONS) + (h & 1)));
  }
  return out;
}

/**
 * Writes the places of the n-grams that begin at `start`; -1 is the boundary before the word. Returns the address after the
 * last one.
 */
function writeGrams(chars: usize, length: i32, start: i32, smallest: i32, out: usize): usize {
  const longest = min(smallest + 2, length + 1 - start);
  let h = GRAM_SEED;
  for (let size = 1; size <= longest; size++) {
    const at = start + size - 1;
    const char = at < 0 || at >= length ? BOUNDARY : <i32>load<u16>(chars + (<usize>at << 1));
    h = (h ^ char) * FNV_PRIME;
    if (size >= smallest) out = writePlaces(mix(h ^ size), out);
  }
  return out;
}

/** The smallest of three consecutive n-gram sizes. */
// @ts-ignore: decorator
@inline
function smallestGram(kind: i32): i32 {
  return kind == UNSPACED ? 1 : 2;
}

/** Writes the hash of a token and its own places. Returns the address after the last one. */
function readWhole(token: usize, chars: usize, length: i32, kind: i32): usize {
  const hash = hashOf(chars, length, FNV_BASIS);
  let out = token + PLACES;
  if (kind != UNSPACED) out = writePlaces(hash, out);
  if (kind != UNSPACED && kind != SYMBOL) {
    out = writePlaces(hashOf(chars, min(PREFIX_LENGTH, length), PREFIX_SEED), out);
  }
  store<i32>(token, hash, 40);
  store<u16>(token, <u16>((out - token - PLACES) >> 1), 44);
  store<u16>(token, 0, 46);
  return out;
}

/** Completes a token that is cached with all its places. */
export function readToken(token: usize, chars: usize, length: i32, kind: i32): void {
  const grams = readWhole(token, chars, length, kind);
  let out = grams;
  if (kind != SYMBOL) for (let start = -1; start <= length; start++) out = writeGrams(chars, length, start, smallestGram(kind), out);
  store<u16>(token, <u16>((out - grams) >> 1), 46);
}

export function beginText(sums: usize): void {
  memory.fill(sums, 0, <usize>TEXT_DIMENSIONS << 3);
  tokens = 0;
}

/** Adds a token, and its pairs with the two tokens before. */
export function addToken(sums: usize, token: usize): void {
  const wholes = <i32>load<u16>(token, 44);
  addWhole(sums, token, wholes);
  addPlaces(sums, token + PLACES + (<usize>wholes << 1), <i32>load<u16>(token, 46), load<f64>(token, 16));
  addPairs(sums, token);
}

/** The same for a token too long for the cache: its n-grams are added as they are computed. */
export function addLongToken(sums: usize, token: usize, chars: usize, length: i32, kind: i32): void {
  const scratch = readWhole(token, chars, length, kind);
  addWhole(sums, token, <i32>load<u16>(token, 44));
  for (let start = -1; start <= length; start++) {
    const end = writeGrams(chars, length, start, smallestGram(kind), scratch);
    addPlaces(sums, scratch, <i32>((end - scratch) >> 1), load<f64>(token, 16));
  }
  addPairs(sums, token);
}

// @ts-ignore: decorator
@inline
function addWhole(sums: usize, token: usize, places: i32): void {
  addCode(sums + (<usize>HASHED_DIMENSIONS << 3), load<u64>(token, 32), load<f64>(token, 24));
  addPlaces(sums, token + PLACES, places, load<f64>(token, 8));
}

// Branch-free: signs are random, so half of all branch predictions would fail.
// @ts-ignore: decorator
@inline
function signed(weight: f64, minus: u64): f64 {
  return reinterpret<f64>(reinterpret<u64>(weight) ^ (minus << 63));
}

function addPlaces(sums: usize, places: usize, count: i32, weight: f64): void {
  for (const end = places + (<usize>count << 1); places < end; places += 2) {
    const place = load<u16>(places);
    const at = sums + (<usize>(place >>> 1) << 3);
    store<f64>(at, load<f64>(at) + signed(weight, place & 1));
  }
}

function addCode(sums: usize, plus: u64, rarity: f64): void {
  if (rarity == 0) return;
  for (let minus = ~plus, bit = 0; bit < TEXT_DIMENSIONS - HASHED_DIMENSIONS; bit++, sums += 8, minus >>>= 1) {
    store<f64>(sums, load<f64>(sums) + signed(rarity, minus & 1));
  }
}

function addPairs(sums: usize, token: usize): void {
  const hash = load<i32>(token, 40), weight = load<f64>(token);
  if (tokens > 0) addHash(sums, mix(lastHash * 31 + hash), PAIR_WEIGHT * sqrt(lastWeight * weight));
  if (tokens > 1) addHash(sums, mix(beforeHash * 131 + hash), SKIP_WEIGHT * sqrt(beforeWeight * weight));
  beforeHash = lastHash;
  beforeWeight = lastWeight;
  lastHash = hash;
  lastWeight = weight;
  tokens++;
}

// @ts-ignore: decorator
@inline
function addHash(sums: usize, hash: i32, weight: f64): void {
  let h = hash;
  for (let probe = 0; probe < PROBES; probe++) {
    h = mix(h + PROBE_STEP);
    const at = sums + (<usize>((<u32>h >>> 8) % HASHED_DIMENSIONS) << 3);
    store<f64>(at, load<f64>(at) + signed(weight, h & 1));
  }
}

/** Writes the sum as float32 [1024] of length one to `out`; zero if no token was added. */
export function writeUnit(sums: usize, out: usize): void {
  const codes = sums + (<usize>HASHED_DIMENSIONS << 3), end = sums + (<usize>TEXT_DIMENSIONS << 3);
  const hashed = norm(sums, codes), coded = norm(codes, end);
  const share = coded > 0 ? CODE_SHARE : 0;
  scaleTo(out, sums, codes, hashed > 0 ? sqrt(1 - share * share) / hashed : 0);
  scaleTo(out + (<usize>HASHED_DIMENSIONS << 2), codes, end, coded > 0 ? share / coded : 0);
}

function norm(at: usize, end: usize): f64 {
  let square: f64 = 0;
  for (; at < end; at += 8) square += load<f64>(at) * load<f64>(at);
  return sqrt(square);
}

function scaleTo(out: usize, at: usize, end: usize, scale: f64): void {
  for (const factors = f64x2.splat(scale); at < end; at += 16, out += 8) {
    v128.store64_lane(out, f32x4.demote_f64x2_zero(f64x2.mul(v128.load(at), factors)), 0);
  }
}
