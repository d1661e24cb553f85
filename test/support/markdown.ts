// Reads the Markdown pages of this repository: their code blocks, headings and links.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;

/** README.md and every page of docs/, with paths from the root. */
export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export const pageText = (page: string): string => readFileSync(join(root, page), "utf8");

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Whether the block directly follows the previous one. */
  readonly isRightBelow: boolean;
}

const FENCE = /^```([^\n]*)\n([\s\S]*?)^```$/gm;

export function codeBlocks(text: string): CodeBlock[] {
  let end = -1;
  return Array.from(text.matchAll(FENCE), ({ 0: whole, 1: language = "", 2: body = "", index }) => {
    const isRightBelow = end >= 0 && text.slice(end, index).trim() === "";
    end = index + whole.length;
    return { language, text: body, isRightBelow };
  });
}

const withoutBlocks = (text: string): string => text.replaceAll(FENCE, "");

/** The targets of links and images. */
export const linksIn = (text: string): string[] =>
  Array.from(withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);

/** The anchors of headings, as GitHub makes them. */
export const anchorsIn = (text: string): string[] =>
  Array.from(withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
