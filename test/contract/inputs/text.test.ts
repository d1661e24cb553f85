// Texts: which are accepted, and which are refused with a reason.
import { describe, expect, it } from "vitest";
import { digestOf, parseInput } from "../../../src/contract/inputs.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { parsedInput } from "../../suites/input.suite.ts";

describe("a text", () => {
  it.each([
    ["empty", ""],
    ["spaces", "   "],
    ["line breaks and tabs", "\n\t\r\n"],
    ["wide spaces", "\u3000\u00a0\u2003"],
    ["zero-width characters", "\u200b\u200c\u200d\ufeff"],
    ["invisible characters and spaces", " \u00ad\u2060 \u202e\u3164\n\u{e0041}\ufe0f"],
  ])("is refused if it is only %s", (_, text) => {
    expect(parseInput({ text }, "text", 0)).toEqual({
      code: "invalid_input",
      pointer: "/text",
      detail: "text is empty",
    });
  });

  it("is refused above the limit of characters, and accepted at it", () => {
    const most = "é".repeat(LIMITS.textChars);
    expect(parseInput({ text: most }, "text", 0)).not.toHaveProperty("code");
    const problem = parseInput({ text: `${most}.` }, "text", 0);
    expect(problem).toMatchObject({ code: "invalid_input", detail: expect.stringContaining("20001") });
  });

  it("keeps its own bytes: case, spaces and composition make different inputs", async () => {
    const digests = await Promise.all(
      ["Café", "café", " café", "cafe\u0301"].map((text) => digestOf(parsedInput("text", { text }))),
    );
    expect(new Set(digests).size).toBe(4);
  });

  it("has U+FFFD in place of a lone surrogate, so that one text has one digest", async () => {
    const broken = parsedInput("text", { text: "a\ud83d" });
    expect(broken).toEqual({ modality: "text", text: "a\ufffd" });
    expect(await digestOf(broken)).toBe(await digestOf(parsedInput("text", { text: "a\ufffd" })));
  });
});
