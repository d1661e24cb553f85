// Keys and ids: generated ones are recognised, and mistyped ones are refused before any lookup.
import { describe, expect, it } from "vitest";
import { crc32, makeId, makeKey, type RandomBytes, randomBase62, tenantOfKey } from "../../src/core/ids.ts";
import { seededRandom } from "../support/random.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function seededBytes(seed: number): RandomBytes {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

describe("crc32", () => {
  it("gives the check value of CRC-32/ISO-HDLC", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    expect(crc32("")).toBe(0);
  });
});

describe("random text", () => {
  it("discards bytes above the last multiple of 62, so that all characters are equally likely", () => {
    const all: RandomBytes = () => Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const text = randomBase62(248, all);
    const counts = new Map([...text].map((char) => [char, text.split(char).length - 1]));
    expect(counts.size).toBe(62);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  it("asks for more bytes if too many were discarded", () => {
    let calls = 0;
    const stingy: RandomBytes = (length) => new Uint8Array(length).fill(calls++ < 3 ? 255 : 0);
    expect(randomBase62(4, stingy)).toBe("0000");
  });

  it("makes ids of a prefix and 20 characters", () => {
    expect(makeId("job", seededBytes(1))).toMatch(/^job_[0-9A-Za-z]{20}$/);
    expect(makeId("job", seededBytes(1))).toBe(makeId("job", seededBytes(1)));
    expect(makeId("job", seededBytes(1))).not.toBe(makeId("job", seededBytes(2)));
  });
});

describe("tenant keys", () => {
  const key = makeKey("acme-2", seededBytes(5));

  it("contain the id of their tenant, whatever it is", () => {
    for (const tenant of ["a", "0", "acme", "a-b--c-", "x".repeat(40)]) {
      const made = makeKey(tenant, seededBytes(tenant.length));
      expect(made).toMatch(/^ll_[a-z0-9-]+_[0-9A-Za-z]{36}$/);
      expect(tenantOfKey(made)).toBe(tenant);
    }
  });

  it("are refused if a single character is changed, in any position", () => {
    for (let at = 0; at < key.length; at++) {
      for (const char of `${BASE62}-_`) {
        if (char === key[at]) continue;
        expect(tenantOfKey(key.slice(0, at) + char + key.slice(at + 1))).toBeNull();
      }
    }
  });

  it("are refused if truncated at either end, or extended", () => {
    for (let length = 0; length < key.length; length++) {
      expect(tenantOfKey(key.slice(0, length))).toBeNull();
      expect(tenantOfKey(key.slice(key.length - length))).toBeNull();
    }
    for (const wrong of [`${key}0`, ` ${key}`, `${key} `, `${key}\n`]) expect(tenantOfKey(wrong)).toBeNull();
  });

  it("are refused if two neighbouring characters are swapped", () => {
    for (let at = 3; at + 1 < key.length; at++) {
      const swapped = key.slice(0, at) + key[at + 1] + key[at] + key.slice(at + 2);
      if (swapped !== key) expect(tenantOfKey(swapped)).toBeNull();
    }
  });

  it.each(["", "ll_", "ll__", "Bearer x", "ll_ACME_", "admin-key"])("are never %j", (text) => {
    expect(tenantOfKey(text)).toBeNull();
    expect(tenantOfKey(text + key.slice("ll_acme-2_".length))).toBeNull();
  });
});
