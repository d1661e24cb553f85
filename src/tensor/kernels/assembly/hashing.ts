// Texts as signed sums (feature hashing, Weinberger et al. 2009): where a token's words, prefixes and n-grams go among the
// buckets, with which sign, and their sum of length one.
//
// A token, at an address that is a multiple of eight: [0] its weight in pairs, [8] that of itself and its prefix, [16] that of
// its n-grams, [24] the rarity that its code is weighted by, as float64; [32] the code's 64 signs; [40] its hash; [44] and
// [46] how many places of itself and of its n-grams follow from [48] on, in 16 bits each. Whoever writes one writes what comes
// before the hash; the rest is read from its characters.
//
// A place is a bucket and a sign in one number: twice the bucket, plus one for minus.

export const TEXT_DIMENSIONS: i32 = 1024;
/** The first ones, that hashes go to; the signs of codes go to the rest. */
export const HASHED_DIMENSIONS: i32 = 960;

// Several buckets a feature make one bad collision cost a fraction of it.
const PROBES: i32 = 4;
const PROBE_STEP: i32 = 0x9e3779b9;

const FNV_PRIME: i32 = 0x01000193;
const FNV_BASIS: i32 = 0x811c9dc5;
const PREFIX_SEED: i32 = 0x01234567;
const GRAM_SEED: i32 = 0x9747b28c;
const PREFIX_LENGTH: i32 = 3;
/** Before and after a word. */
const BOUNDARY: i32 = 32;

/** As the caller numbers them. */
const UNSPACED: i32 = 1;
const SYMBOL: i32 = 2;

const PAIR_WEIGHT: f64 = 0.3;
const SKIP_WEIGHT: f64 = 0.2;
// The codes are 1 bit a dimension and cover one language, so they get the smaller share of the length.
const CODE_SHARE: f64 = 0.5;

const PLACES: usize = 48;

/** Of the text being summed up: hashes and weights of the token before, and of the one before that; how many there were. */
let lastHash: i32 = 0;
let lastWeight: f64 = 0;
let beforeHash: i32 = 0;
let beforeWeight: f64 = 0;
let tokens: i32 = 0;

/** Murmur3's finaliser: spreads every input bit over the bucket and the sign. */
// @ts-ignore: decorator
@inline
function mix(value: i32): i32 {
  let x = (value ^ (value >>> 16)) * 0x85ebca6b;
  x = (x ^ (x >>> 13)) * 0xc2b2ae35;
  return x ^ (x >>> 16);
}

/** FNV-1a of characters of 16 bits, spread. */
function hashOf(chars: usize, length: i32, seed: i32): i32 {
  let h = seed;
  for (let i = 0; i < length; i++) h = (h ^ <i32>load<u16>(chars + (<usize>i << 1))) * FNV_PRIME;
  return mix(h);
}

/** The hash of the first `length` characters, by which words are listed. */
export function hashPrefix(chars: usize, length: i32): i32 {
  return hashOf(chars, length, FNV_BASIS);
}

/** Writes the places of a hash; returns where they end. */
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

/** Writes the places of the n-grams that begin at `start`, one before the word at the earliest; returns where they end. */
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

/** The least of three sizes of n-grams in turn. */
// @ts-ignore: decorator
@inline
function smallestGram(kind: i32): i32 {
  return kind == UNSPACED ? 1 : 2;
}

/** Writes the hash of a token and the places of itself; returns where they end. */
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

/** Completes a token of which all characters are remembered. */
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

/** Adds a token, and its pairs with the two before. */
export function addToken(sums: usize, token: usize): void {
  const wholes = <i32>load<u16>(token, 44);
  addWhole(sums, token, wholes);
  addPlaces(sums, token + PLACES + (<usize>wholes << 1), <i32>load<u16>(token, 46), load<f64>(token, 16));
  addPairs(sums, token);
}

/** The same for a token too long to be remembered: its n-grams are added as they are found. */
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

// No branches: signs are drawn, and half of all guesses would fail.
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

/** out: float32 [1024], of length one; zero where no token was added. */
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
