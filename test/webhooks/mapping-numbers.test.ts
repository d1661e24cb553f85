// Numbers in mappings: each keeps its digits, from the payload to the example.

import { describe, expect, it } from "vitest";
import { type MappingRule, mapping as mappingSchema } from "../../src/contract/mapping.ts";
import { parsePayload } from "../../src/webhooks/payload.ts";
import { deletion, map, missOf, rowOf, rowsOf } from "../support/mappings.ts";
import { seededRandom } from "../support/random.ts";

describe("numbers", () => {
  const parsed = async (json: string) => {
    const read = await parsePayload(new TextEncoder().encode(json));
    if (!("payload" in read)) throw new Error(read.reason.detail);
    return read.payload;
  };
  const WRITTEN = [
    "1e-7",
    "0.00000012",
    "100.0",
    "12345678901234567890.5",
    "9007199254740993",
    "820982911946154508",
    "-9007199254740993",
    "1.10",
    "1e3",
    "1E+3",
    "0.1000000000000000055511",
    "-0",
    "7",
    "1.5",
  ];

  it.each(WRITTEN)("keep every digit of %s, as id and as text", async (written) => {
    const payload = await parsed(`{"n": ${written}, "list": [{"n": ${written}}], "other": "12345678901234567890"}`);
    expect(rowOf({ id: "/n", text: { join: ["/n", "/other"] } }, payload)).toEqual({
      id: written,
      text: `${written} 12345678901234567890`,
    });
    expect(rowOf({ labels: { pointer: "/list", each: "/n" } }, payload)).toEqual({ labels: [written] });
    expect(map({ id: { pointer: "/list", each: "/n" }, delete_when: {} }, payload)).toEqual(deletion(written));
  });

  it("are JavaScript numbers in vectors and values", async () => {
    const payload = await parsed('{"v": 1.10, "at": [1.0, 1e-05, 0.30000000000000004]}');
    expect(rowOf({ value: "/v" }, payload)).toEqual({ value: 1.1 });
    expect(rowOf({ features: "/at" }, payload)).toEqual({ features: [1, 0.00001, 0.30000000000000004] });
  });

  it("keep their form, and those that JavaScript writes in the same way stay plain", async () => {
    const random = seededRandom(11);
    const digits = (most: number) => Array.from({ length: 1 + random.below(most) }, () => random.below(10)).join("");
    for (let i = 0; i < 3_000; i++) {
      const whole = String(BigInt(digits(20)));
      const exponent =
        random.below(4) === 0 ? `${"eE"[random.below(2)]}${["", "+", "-"][random.below(3)]}${random.below(30)}` : "";
      const written = `${["", "-"][random.below(2)]}${whole}${random.below(2) === 0 ? `.${digits(12)}` : ""}${exponent}`;
      expect(rowOf({ id: "/a/0" }, await parsed(`{"t":"x","a":[${written}]}`)), written).toEqual({ id: written });
    }
    expect(await parsed("[0, 1.5, 0.30000000000000004, -7, 1234567890123456]")).toEqual([
      0, 1.5, 0.30000000000000004, -7, 1234567890123456,
    ]);
  });

  it("never come from texts: no text, name or large number is parsed as a number", async () => {
    const text = '1e3 \\" 1.10, [2.0] \\\\';
    const json = `{"a":"${text}","1.10":"x\\\\","b":[4503599627370496,4503599627370497,9007199254740991,1.10],"__proto__":{"n":2.50},"n":1.0}`;
    const payload = await parsed(json);
    expect(rowOf({ text: "/a" }, payload)).toEqual({ text: JSON.parse(`"${text}"`) });
    expect(rowOf({ labels: "/b", id: "/__proto__/n" }, payload)).toEqual({
      labels: ["4503599627370496", "4503599627370497", "9007199254740991", "1.10"],
      id: "2.50",
    });
    expect(rowOf({ label: "/1.10", id: "/n" }, payload)).toEqual({ label: "x\\", id: "1.0" });
    expect(({} as { n?: number }).n).toBeUndefined();
    expect(rowOf({ id: "" }, await parsed("1.10"))).toEqual({ id: "1.10" });
  });

  it("are scalars: no pointer reaches into one, and `each` never treats one as an item", async () => {
    const payload = await parsed('{"n": 1.10, "list": [1.10, 1e3]}');
    for (const pointer of ["/n/source", "/n/0", "/list/0/source"])
      expect(missOf({ text: pointer }, payload)).toMatchObject({ code: "unmappable", pointer });
    expect(rowsOf({ text: { pointer: "/n", each: "/x" }, label: { constant: "a" } }, payload)).toEqual([
      { text: "1.10", label: "a" },
    ]);
    expect(rowsOf({ text: { pointer: "/list", each: "" }, label: { constant: "a" } }, payload)).toMatchObject([
      { text: "1.10" },
      { text: "1e3" },
    ]);
  });

  it("match a condition with the same text or the same number", async () => {
    const kindOf = async (when: MappingRule["when"], json: string) =>
      map({ when, text: { constant: "x" } }, await parsed(json)).kind;
    expect(await kindOf({ "/id": "820982911946154508" }, '{"id": 820982911946154508}')).toBe("changes");
    expect(await kindOf({ "/id": "820982911946154508" }, '{"id": 820982911946154509}')).toBe("ignored");
    expect(await kindOf({ "/ids": ["820982911946154508"] }, '{"ids": [1, 820982911946154508]}')).toBe("changes");
    expect(await kindOf({ "/id": "7" }, '{"id": 7}')).toBe("changes");
    expect(await kindOf({ "/n": 1000 }, '{"n": 1e3}')).toBe("changes");
    expect(await kindOf({ "/n": 1.1 }, '{"n": 1.10}')).toBe("changes");
  });

  it("are refused in conditions beyond 2^53, because JSON parsers round them", async () => {
    expect(mappingSchema.safeParse({ when: { "/id": Number("820982911946154508") } }).success).toBe(false);
    expect(mappingSchema.safeParse({ when: { "/id": 1e300 } }).success).toBe(false);
    expect(mappingSchema.safeParse({ when: { "/id": 0.5 } }).success).toBe(true);
  });
});
