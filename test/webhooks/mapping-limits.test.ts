// Hostile payloads and mappings: each is refused or bounded.

import { describe, expect, it } from "vitest";
import { type MappingRule, mapping as mappingSchema } from "../../src/contract/mapping.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { MappingWork } from "../../src/webhooks/mapping-work.ts";
import { parsePayload } from "../../src/webhooks/payload.ts";
import { stripHtml } from "../../src/webhooks/strip-html.ts";
import { map, missOf, rowOf } from "../support/mappings.ts";

describe("hostile payloads and mappings", () => {
  it("are refused if they are nested too deeply to be copied, and read otherwise", async () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const parse = (text: string) => parsePayload(new TextEncoder().encode(text));
    expect(await parse(nested(400_000))).toMatchObject({ reason: { code: "unmappable" } });
    expect("payload" in (await parse(nested(90)))).toBe(true);
    const wide = (length: number) => `{"wide": [${Array(length).fill("1e0").join()}]}`;
    expect("payload" in (await parse(wide(LIMITS.payloadValues - 2)))).toBe(true);
    expect(await parse(wide(LIMITS.payloadValues))).toMatchObject({
      reason: { code: "unmappable", detail: expect.stringContaining("values") },
    });
    for (const text of ["", "{", "NaN", "\u00ff{"]) expect("reason" in (await parse(text)), text).toBe(true);
    expect(await parsePayload(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ reason: { code: "unmappable" } });
  });

  it("cannot make a condition search more items of an array than the limit", () => {
    const tags = (length: number) => ({ tags: Array.from({ length }, (_, i) => ({ name: `t${i}` })) });
    const rule: MappingRule = { labels: { pointer: "/tags", each: "/name", where: { "/name": ["t1", "t2"] } } };
    expect(rowOf(rule, tags(LIMITS.itemsPerField))).toEqual({ labels: ["t1", "t2"] });
    expect(missOf(rule, tags(LIMITS.itemsPerField + 1))).toMatchObject({ code: "unmappable", pointer: "/tags" });
    const long = { tags: Array.from({ length: 40_000 }, (_, i) => `t${i}`) };
    expect(map({ when: { "/tags": "t39999" }, label: "/tags" }, long)).toMatchObject({
      examples: [{ row: { label: "t0" } }],
    });
  });

  it("cannot make the stripping of a million characters take more than one pass", () => {
    for (const piece of ["<", "<p", "<!--", "<script>", "</", "&", "&#", "<b>", "</script"]) {
      const before = performance.now();
      stripHtml(piece.repeat(Math.ceil(1_000_000 / piece.length)), new MappingWork(Number.POSITIVE_INFINITY));
      expect(performance.now() - before, piece).toBeLessThan(2_000);
    }
  });

  it.each([
    ["<script>alert(1)</script >hi<STYLE>b{}</STYLE> there", "hi there"],
    ["a < b and b > c", "a < b and b > c"],
    ["1&nbsp;&lt;&#50;&#x33;&bogus;&#xD800;", "1 <23&bogus;"],
    ["a<br/>b<!-- c -->d", "a b d"],
    ["unfinished <a href='", "unfinished <a href='"],
  ])("have their HTML stripped: %j", (html, text) => expect(stripHtml(html, new MappingWork())).toBe(text));

  it("are refused if the mapping is invalid", () => {
    for (const bad of [
      { text: "no/slash" },
      { text: "/a~2" },
      { text: {} },
      { text: { pointer: "/a", constant: "x" } },
    ]) {
      expect(mappingSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
    for (const bad of [{ when: { action: 1 } }, { colour: "/a" }, { text: `/${"a/".repeat(40)}` }, []]) {
      expect(mappingSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });
});
