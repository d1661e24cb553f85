// `npm test` and `npm run test:long` together run every test file, and none twice.
import { globSync, readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { expect, it } from "vitest";
import config from "../../vitest.config.ts";
import { root } from "./source.ts";

interface Project {
  readonly test: { readonly name: string; readonly include: readonly string[]; readonly exclude?: readonly string[] };
}

const { projects } = (config as unknown as { test: { projects: readonly Project[] } }).test;
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** The scripts that run a file. */
const runsOf = (file: string): string[] =>
  ["test", "test:long"].flatMap((script) =>
    [...(scripts[script] as string).matchAll(/--project (\w+)/g)]
      .filter(([, name]) => projects.some(({ test }) => test.name === name && hasFile(test, file)))
      .map(() => script),
  );

const hasFile = ({ include, exclude = [] }: Project["test"], file: string): boolean =>
  include.some((glob) => matchesGlob(file, glob)) && !exclude.some((glob) => matchesGlob(file, glob));

it("every test file runs in exactly one project of exactly one script", () => {
  const files = globSync("test/**/*.test.ts", { cwd: root });
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => runsOf(file).length !== 1)).toEqual([]);
});
