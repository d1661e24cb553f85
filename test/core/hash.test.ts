// The exact bits of these hashes matter: held-out rows, traffic splits and drift histograms of stored heads depend on them.
import { expect, it } from "vitest";
import { hash32, mix32 } from "../../src/core/hash.ts";

it("mix32 gives the values of MurmurHash3's reference finaliser", () => {
  // fmix32 of MurmurHash3.cpp (Austin Appleby, public domain).
  expect([0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff].map(mix32)).toEqual([
    0, 0x514e28b7, 0x30f4c306, 0xf9cc0ea8, 0x6d3c65a0, 0x81f16f39,
  ]);
});

it("hash32 never changes its value for a text", () => {
  expect(["", "a", "lastlayer"].map((text) => hash32(new TextEncoder().encode(text)))).toEqual([
    0xab3e7c0b, 0x1a80b1b3, 0x8acdd270,
  ]);
});
