// Requirements of every signature scheme. A new scheme is tested by adding its sender and its published vectors here.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import type { SchemeOptions, SignatureScheme } from "../../src/webhooks/schemes/scheme.ts";
import { verificationFailure } from "../../src/webhooks/verify.ts";
import { type Random, seededRandom } from "../support/random.ts";
import type { SignedHeaders } from "../support/signing.ts";

export interface SchemeUnderTest {
  readonly scheme: SignatureScheme;
  readonly options?: SchemeOptions;
  /** Two secrets of the scheme, and the keys of its sender. */
  readonly secrets: readonly [string, string];
  /** The headers of a delivery, signed with the private half of `secrets[index]` at `at` (ms). */
  sign(index: 0 | 1, body: string, at: number): SignedHeaders;
  /** The headers with the signature and with the time, which may be the same. The second is null if the scheme has no time. */
  readonly signatureHeader: string;
  readonly timestampHeader: string | null;
  /** The value of the header with the time, with `text` in place of the time. */
  readonly withTime?: (header: string, text: string) => string;
  /** Both signatures in one header, if the scheme allows several. */
  readonly joined?: (first: string, second: string) => string;
  readonly vectors: readonly PublishedVector[];
}

export interface PublishedVector {
  readonly from: string;
  readonly secret: string;
  readonly body: string;
  readonly headers: SignedHeaders;
  /** ms since the epoch */
  readonly at: number;
}

const NOW = 1_790_000_000_000;
const BODY = '{"id":"evt_1","text":"where is my parcel?","label":"delivery"}';
const MINUTE = 60_000;

/** Call it at the top level of a test file. */
export function testScheme(name: string, under: SchemeUnderTest): void {
  const { scheme, options = {}, secrets, sign, signatureHeader, timestampHeader } = under;
  const verdict = async (
    headers: SignedHeaders,
    { body = BODY, by = [secrets[0]] as readonly string[], now = NOW } = {},
  ) =>
    (await verificationFailure(scheme, { headers: new Headers(headers), body: utf8(body) }, by, options, now))?.code ??
    "taken";
  const signed = sign(0, BODY, NOW);
  const without = (header: string) => Object.fromEntries(Object.entries(signed).filter(([key]) => key !== header));
  const withHeader = (header: string, value: string) => ({ ...signed, [header]: value });

  describe(name, () => {
    it("accepts what its sender has signed", async () => {
      expect(await verdict(signed)).toBe("taken");
      expect(await verdict(sign(0, "", NOW), { body: "" })).toBe("taken");
      expect(await verdict(sign(0, "née ✓ 🙂", NOW), { body: "née ✓ 🙂" })).toBe("taken");
    });

    it.each(under.vectors)("accepts the vector of $from, and refuses it with another body", async (vector) => {
      const given = { by: [vector.secret], now: vector.at };
      expect(await verdict(vector.headers, { ...given, body: vector.body })).toBe("taken");
      expect(await verdict(vector.headers, { ...given, body: `${vector.body} ` })).toBe("bad_signature");
    });

    it.skipIf(!scheme.signs)("refuses a body with a flipped bit, a byte more, or a byte less", async () => {
      for (const body of [BODY.replace("p", "q"), `${BODY} `, BODY.slice(0, -1), ""]) {
        expect(await verdict(signed, { body })).toBe("bad_signature");
      }
    });

    it("refuses another secret, and refuses everything if the source has no secret", async () => {
      expect(await verdict(signed, { by: [secrets[1]] })).toBe("bad_signature");
      expect(await verdict(signed, { by: [] })).toBe("bad_signature");
    });

    it("refuses a delivery whose header is missing or empty", async () => {
      for (const header of [signatureHeader, ...(timestampHeader ? [timestampHeader] : [])]) {
        expect(await verdict(without(header)), header).toBe("bad_signature");
        expect(await verdict(withHeader(header, "")), header).toBe("bad_signature");
      }
      expect(await verdict({})).toBe("bad_signature");
    });

    it("accepts both secrets during a rotation's overlap, and only the new one afterwards", async () => {
      const [before, after] = [sign(0, BODY, NOW), sign(1, BODY, NOW)];
      const overlap = [secrets[1], secrets[0]];
      expect([await verdict(before, { by: overlap }), await verdict(after, { by: overlap })]).toEqual([
        "taken",
        "taken",
      ]);
      expect(await verdict(before, { by: [secrets[1]] })).toBe("bad_signature");
      expect(await verdict(after, { by: [secrets[1]] })).toBe("taken");
    });

    if (under.joined) testSeveral(under.joined);
    if (timestampHeader) testTime(timestampHeader);

    it("refuses 2,000 mutations of its signature and headers, without throwing", async () => {
      const random = seededRandom(45);
      const mutations = Array.from({ length: 2_000 }, () => mutated(signed, random));
      const answers = await Promise.all(mutations.map((headers) => verdict(headers)));
      expect(mutations.filter((_, i) => answers[i] === "taken")).toEqual([]);
    });
  });

  function testSeveral(joined: (first: string, second: string) => string): void {
    it("accepts several signatures if one matches, at any position", async () => {
      const [ours, theirs] = [sign(0, BODY, NOW)[signatureHeader] ?? "", sign(1, BODY, NOW)[signatureHeader] ?? ""];
      for (const header of [joined(ours, theirs), joined(theirs, ours)]) {
        expect(await verdict(withHeader(signatureHeader, header))).toBe("taken");
      }
      expect(await verdict(withHeader(signatureHeader, joined(theirs, theirs)))).toBe("bad_signature");
    });
  }

  function testTime(header: string): void {
    it("accepts times up to five minutes before or after the clock, and reports others as stale", async () => {
      for (const at of [NOW - 5 * MINUTE, NOW + 5 * MINUTE]) expect(await verdict(sign(0, BODY, at))).toBe("taken");
      for (const at of [NOW - 5 * MINUTE - 1_000, NOW + 5 * MINUTE + 1_000, 0]) {
        expect(await verdict(sign(0, BODY, at))).toBe("stale_timestamp");
      }
    });

    it("reports a forged delivery as forged, however old it is", async () => {
      expect(await verdict(sign(1, BODY, NOW - 60 * MINUTE))).toBe("bad_signature");
    });

    it("refuses a time that is not the signed one, and an invalid time", async () => {
      const value = signed[header] ?? "";
      const { withTime = (_: string, text: string) => text } = under;
      const fresher = sign(0, BODY, NOW + 1_000)[header] ?? "";
      for (const text of ["NaN", "Infinity", "-1", "1e9", "0x65", "1_790_000_000", "", "soon", "1.5", "9".repeat(40)]) {
        expect(await verdict(withHeader(header, withTime(value, text))), text).toBe("bad_signature");
      }
      if (header !== signatureHeader) expect(await verdict(withHeader(header, fresher))).toBe("bad_signature");
    });
  }
}

const PIECES = "0123456789abcdefABCDEFghijklmnopqrstuvwxyzGHIJ+/=,.:; -_v1tsha256";

/** Changes, removes, doubles or switches the case of one to three characters in one header, so that the header differs. */
function mutated(headers: SignedHeaders, random: Random): SignedHeaders {
  const pick = <T>(items: ArrayLike<T>): T => items[random.below(items.length)] as T;
  const signing = Object.keys(headers).filter((name) => !/event|delivery/i.test(name));
  const name = pick(signing);
  const before = headers[name] ?? "";
  let after = before;
  for (let edits = 1 + random.below(3); edits > 0 || after.trim() === before; edits--) {
    const at = random.below(after.length);
    const [head, char, tail] = [after.slice(0, at), after[at] ?? "", after.slice(at + 1)];
    after = pick([
      head + pick(PIECES) + tail,
      head + tail,
      head + char + char + tail,
      head + turned(char) + tail,
      head,
    ]);
  }
  return { ...headers, [name]: after };
}

const turned = (char: string): string => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase());
