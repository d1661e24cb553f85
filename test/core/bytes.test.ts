// Bytes in and out of text, against published vectors and their own inverses.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bytesOf,
  concatBytes,
  fromBase64,
  fromBase64InSteps,
  sha256Hex,
  sha256HexOfPieces,
  toBase64,
  toFloat32,
  toHex,
  utf8,
} from "../../src/core/bytes.ts";
import { atOnce } from "../../src/core/steps.ts";
import { Turns } from "../../src/core/turns.ts";
import { seededRandom } from "../support/random.ts";

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

describe("hexadecimal digests", () => {
  it("have two lower-case digits for every byte", () => {
    expect(toHex(Uint8Array.of(0, 1, 15, 16, 127, 128, 255))).toBe("00010f107f80ff");
    expect(toHex(new Uint8Array())).toBe("");
  });

  it("are those of FIPS 180-4's examples", async () => {
    expect(await sha256Hex(utf8(""))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(await sha256Hex(utf8("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("are those of a view, not of the buffer behind it", async () => {
    const view = utf8("-abc-").subarray(1, 4);
    expect(await sha256Hex(view)).toBe(await sha256Hex(utf8("abc")));
  });
});

/** The functions of workerd that other runtimes may lack. */
const NATIVE = ["toBase64", "setFromBase64"] as const;

describe.each([
  ["by the runtime's methods", true],
  ["without them", false],
])("base64, %s", (_, isNative) => {
  const own = NATIVE.map((name) => [name, Object.getOwnPropertyDescriptor(Uint8Array.prototype, name)] as const);
  beforeAll(() => {
    if (!isNative) for (const [name] of own) Reflect.deleteProperty(Uint8Array.prototype, name);
    expect(NATIVE.map((name) => name in Uint8Array.prototype)).toEqual([isNative, isNative]);
  });
  afterAll(() => {
    for (const [name, method] of own) Object.defineProperty(Uint8Array.prototype, name, method as PropertyDescriptor);
  });

  it("decodes RFC 4648's vectors, padded or not", () => {
    const vectors = { "": "", "Zg==": "f", "Zm8=": "fo", Zm9v: "foo", "Zm9vYg==": "foob", "Zm9vYmE=": "fooba" };
    for (const [text, plain] of Object.entries(vectors)) {
      expect(fromBase64(text)).toEqual(utf8(plain));
      expect(fromBase64(text.replace(/=+$/, ""))).toEqual(utf8(plain));
    }
  });

  it("restores random bytes from the standard and the URL-safe alphabet", () => {
    const random = seededRandom(3);
    for (let length = 0; length < 64; length++) {
      const bytes = Uint8Array.from({ length }, () => random.below(256));
      const text = base64(bytes);
      expect(fromBase64(text)).toEqual(bytes);
      expect(fromBase64(text.replaceAll("+", "-").replaceAll("/", "_"))).toEqual(bytes);
    }
  });

  it("decodes a long text in steps to the same bytes, and refuses an invalid character in any part", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    const [text, broken] = [toBase64(bytes), `${"AAAA".repeat(20)}AA==${"A".repeat(40)}`];
    for (const chars of [4, 8, 64, 132, 136, 140]) {
      const steps = fromBase64InSteps(text, chars);
      let count = 0;
      let last = steps.next();
      for (; !last.done; last = steps.next()) count++;
      expect(last.value).toEqual(bytes);
      expect(count).toBe(chars >= 134 ? 0 : Math.ceil(134 / chars));
      expect(atOnce(fromBase64InSteps(broken, chars))).toBeNull();
    }
  });

  it.each([
    "A",
    "AAAAA",
    "AAAA ",
    " AAAA",
    "AAAAA=",
    "AAAAA==",
    "AA A",
    "AA\n==",
    "A===",
    "AA==AA==",
    "====",
    "ä",
    "%41",
    "AA\0=",
  ])("refuses %j", (text) => {
    expect(fromBase64(text)).toBeNull();
  });
});

describe("conversions between arrays and bytes", () => {
  it("join parts in order", () => {
    expect(concatBytes([utf8("a"), utf8(""), utf8("bc")])).toEqual(utf8("abc"));
    expect(concatBytes([])).toEqual(new Uint8Array());
  });

  it("take a view's bytes from its own offset", () => {
    const floats = Float32Array.of(1, 2, 3).subarray(1, 2);
    expect(bytesOf(floats)).toEqual(Uint8Array.of(0, 0, 0, 64));
  });

  it("read floats at an odd offset, as a copy", () => {
    const bytes = concatBytes([utf8("x"), bytesOf(Float32Array.of(1.5, -2))]).subarray(1);
    const floats = toFloat32(bytes);
    expect(floats).toEqual(Float32Array.of(1.5, -2));
    bytes.fill(0);
    expect(floats[0]).toBe(1.5);
  });
});

describe("sha256HexOfPieces", () => {
  it("is the digest of the joined pieces, and takes a turn after each piece", async () => {
    let turns = 0;
    const digest = await sha256HexOfPieces(["a\n", "", "é😀\n"], new Turns(1, async () => void turns++));
    expect(digest).toBe(await sha256Hex(utf8("a\né😀\n")));
    expect(turns).toBe(3);
  });
});
