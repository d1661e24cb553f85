// Checks of the pages that run none of their code: links, anchors, languages of code blocks, named commands and files.
// test/journeys/pages.test.ts runs the code blocks.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorsIn, codeBlocks, linksIn, PAGES, pageText } from "../support/markdown.ts";
import { root } from "./source.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** `sh`, `ts` and `py` run. `console` shows a terminal, `json` an answer, `toml` lines of wrangler.toml. */
const LANGUAGES = ["sh", "ts", "py", "console", "json", "toml"];

const isOutside = (target: string): boolean => /^https?:/.test(target);

function isBroken(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return true;
  return anchor !== undefined && !anchorsIn(read(file)).includes(anchor);
}

/** Whether the path is a file, a folder, or a prefix of test file names, which Vitest accepts too. */
function exists(path: string): boolean {
  if (existsSync(join(root, path))) return true;
  const folder = join(root, dirname(path));
  const begin = path.slice(path.lastIndexOf("/") + 1);
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(begin) && name.endsWith(".test.ts"));
}

const PATH = /(?<![\w./-])(?:src|test|durable|fixtures|docs)\/[\w./-]*\w/g;

it("the README stays short, because all details are pages of docs/", () => {
  expect(pageText("README.md").split("\n").length).toBeLessThanOrEqual(121);
});

it("the README leads to every page", () => {
  const linked = linksIn(pageText("README.md"));
  expect(PAGES.filter((page) => page !== "README.md" && !linked.includes(page))).toEqual([]);
});

it.each(["A prediction", "An example", "A delivery"])(
  "the walk in the architecture page names at most 20 files: %s",
  (name) => {
    const [, walk = ""] = pageText("docs/architecture.md").split(`## ${name}\n`);
    const files = new Set((walk.split("\n## ")[0] ?? "").match(PATH)?.filter((path) => path.endsWith(".ts")));
    expect(files.size).toBeGreaterThan(10);
    expect([...files].slice(20)).toEqual([]);
  },
);

describe.each(PAGES)("%s", (page) => {
  const text = pageText(page);

  it("has no broken link or anchor", () => {
    expect(linksIn(text).filter((target) => !isOutside(target) && isBroken(page, target))).toEqual([]);
  });

  it("has only code blocks that a test runs or checks", () => {
    expect(codeBlocks(text).filter(({ language }) => !LANGUAGES.includes(language))).toEqual([]);
  });

  it("shows JSON that parses, and only settings that wrangler.toml has", () => {
    for (const { language, text: block } of codeBlocks(text)) {
      if (language === "json") expect(() => JSON.parse(block), block).not.toThrow();
      if (language === "toml")
        for (const line of block.trim().split("\n")) expect(read("wrangler.toml")).toContain(line);
    }
  });

  it("names only npm scripts that exist", () => {
    const named = Array.from(text.matchAll(/npm run ([\w:-]+)/g), ([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts) && name !== "bench:")).toEqual([]);
  });

  it("names only files that exist", () => {
    const named = text.match(PATH) ?? [];
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});
