// Bodies of deliveries: JSON, JSON inside a form, or a form with fields of its own.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { parsePayload } from "../../src/webhooks/payload.ts";

const parsed = async (text: string): Promise<unknown> => {
  const result = await parsePayload(utf8(text));
  return "payload" in result ? result.payload : result.reason.code;
};
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

describe("a URL-encoded form", () => {
  it("is parsed as the JSON in its field payload, whatever other fields it has", async () => {
    const event = { action: "labeled", text: "100 % & née = ✓ +", list: [1, { a: null }] };
    const payload = JSON.stringify(event);
    expect(await parsed(form({ payload }))).toEqual(event);
    expect(await parsed(form({ token: "x", payload }))).toEqual(event);
    expect(
      await parsed(`payload=${payload.replaceAll("%", "%25").replaceAll("&", "%26").replaceAll("+", "%2B")}`),
    ).toEqual(event);
  });

  it("is an object of its fields if none of them has JSON", async () => {
    expect(await parsed("text=where+is+it%3F&label=delivery&tag=a&tag=b&tag=c&empty=&flag")).toEqual({
      text: "where is it?",
      label: "delivery",
      tag: ["a", "b", "c"],
      empty: "",
      flag: "",
    });
    expect(await parsed("payload=plain&b=1")).toEqual({ payload: "plain", b: "1" });
    expect(await parsed("a%5Bb%5D=%C3%A9&c[d]=2")).toEqual({ "a[b]": "é", "c[d]": "2" });
  });

  it("makes names like __proto__ own fields, and changes no prototype", async () => {
    const payload = (await parsed("__proto__=x&constructor=y")) as object;
    expect(Object.entries(payload)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
  });

  it("is refused if its encoding or its JSON is invalid", async () => {
    for (const body of ["a=%zz", "a=%", "a=%ff", "payload=%7B%22a%22", "payload={broken", "payload=[1,]"])
      expect(await parsed(body), body).toBe("unmappable");
  });

  it("is refused if its JSON is nested too deeply", async () => {
    expect(await parsed(form({ payload: `${"[".repeat(200)}${"]".repeat(200)}` }))).toBe("unmappable");
  });
});

describe("JSON", () => {
  it("is never treated as a form, even if it contains = and &", async () => {
    for (const value of ["a=b&c=d", { "a=b": "c&d" }, ["a=b"], 1, true, null])
      expect(await parsed(JSON.stringify(value))).toEqual(value);
  });

  it("is refused if it is invalid, empty or not UTF-8", async () => {
    for (const body of ["", " ", "not json", "{", "{'a':1}"]) expect(await parsed(body), body).toBe("unmappable");
    expect(await parsePayload(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ reason: { code: "unmappable" } });
  });
});
