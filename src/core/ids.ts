// Names on the wire: slugs, generated ids, and tenant keys with a checksum. Randomness is an argument.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };
export type TenantId = Branded<"tenant">;

/** Fills an array with random bytes. Workers pass `crypto.getRandomValues`; tests pass a seeded generator. */
export type RandomBytes = (length: number) => Uint8Array;

export const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_CHARS = 30;
const CHECKSUM_CHARS = 6;
const KEY = /^ll_([a-z0-9][a-z0-9-]{0,39})_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** `length` uniform base62 characters: bytes from the last multiple of 62 on are discarded instead of folded. */
export function randomBase62(length: number, random: RandomBytes): string {
  const codes: number[] = []; // not a growing string: V8 stores it as pieces and joins them later
  while (codes.length < length) {
    for (const byte of random(length))
      if (byte < 248 && codes.length < length) codes.push(BASE62.charCodeAt(byte % 62));
  }
  return String.fromCharCode(...codes);
}

/** CRC-32 (ISO-HDLC, the variant of zip and Ethernet). */
export function crc32(text: string): number {
  let crc = ~0;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function checksum(text: string): string {
  let digits = "";
  for (let rest = crc32(text); digits.length < CHECKSUM_CHARS; rest = Math.floor(rest / 62)) {
    digits = (BASE62[rest % 62] as string) + digits;
  }
  return digits;
}

/** A new tenant key: `ll_<tenant>_<30 base62><6 base62 of the CRC-32 of all before it>`. */
export function makeKey(tenant: string, random: RandomBytes): string {
  const body = `ll_${tenant}_${randomBase62(SECRET_CHARS, random)}`;
  return body + checksum(body);
}

/** The tenant of a key; null if the key is truncated, mistyped or not a key, so that no lookup is needed. */
export function tenantOfKey(key: string): TenantId | null {
  const match = KEY.exec(key);
  if (!match || checksum(key.slice(0, -CHECKSUM_CHARS)) !== match[3]) return null;
  return match[1] as TenantId;
}

/** Number of base62 characters of an id after its prefix. */
export const ID_CHARS = 20;

export const makeId = (prefix: "cap" | "dlv" | "ep" | "job" | "key" | "msg" | "src", random: RandomBytes): string =>
  `${prefix}_${randomBase62(ID_CHARS, random)}`;
