// Only registries know the members of a family: no other file names a task, a kind of head or a backbone.
import { parseSync } from "oxc-parser";
import { expect, it } from "vitest";
import { HEAD_KIND_NAMES } from "../../src/contract/recipes.ts";
import { TASKS } from "../../src/contract/tasks.ts";
import { sourceFiles } from "./source.ts";

interface Family {
  readonly names: readonly string[];
  /** Files and folders that may name a member, each for a reason. */
  readonly homes: readonly string[];
}

const FAMILIES: Readonly<Record<string, Family>> = {
  task: {
    names: TASKS,
    homes: [
      "src/contract/tasks.ts",
      "src/contract/head-file.ts", // metrics in a file have another schema for each task
      "src/engine/tasks",
      "src/serving/tasks",
      "src/engine/heads/trained-head.ts", // heads stored by version 0.1 do not name their task
      "src/cli/commands/demo.ts", // creates a head
    ],
  },
  "kind of head": {
    names: HEAD_KIND_NAMES,
    homes: [
      "src/contract/recipes.ts",
      "src/engine/heads",
      "src/compile", // an operation of a bundle is called linear
      "src/graph", // the same
      "src/contract/bundle", // the same
      "src/serving/formats/tfjs.ts", // an activation of Keras is called linear
    ],
  },
  backbone: {
    names: ["text-embedded"], // "features" is a modality as well, and a field
    homes: [
      "src/backbones",
      "src/contract/backbones.ts", // names the built-in ones to callers
      "src/cli/commands/demo.ts", // creates a head
    ],
  },
};

const everything = sourceFiles("src", "durable");

const isAtHome = (path: string, homes: readonly string[]): boolean =>
  homes.some((home) => path === home || path.startsWith(`${home}/`));

/** The members of `names` that occur as string literals or as property names. */
function named(text: string, names: readonly string[]): string[] {
  if (!names.some((name) => text.includes(name))) return [];
  const found = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value === "string" && names.includes(value)) found.add(value);
  };
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    const { type, value, key, name } = node as Record<string, unknown>;
    if (type === "Literal") note(value);
    if (type === "Property") note((key as { name?: unknown }).name ?? name);
    Object.values(node).forEach(visit);
  };
  visit(parseSync("file.ts", text).program);
  return [...found];
}

it.each(Object.entries(FAMILIES))("the source names a %s only where it is defined", (_, { names, homes }) => {
  const files = everything.filter(({ path }) => !isAtHome(path, homes));
  const strays = files.map(({ path, text }) => ({ path, found: named(text, names) }));
  expect(strays.filter(({ found }) => found.length > 0)).toEqual([]);
});

it("the check notices a comparison, a table and a switch", () => {
  const texts = ['if (task === "a") f();', "const least = { a: 1 }[task];", 'switch (task) { case "a": f(); }'];
  expect(texts.map((text) => named(text, ["a"]))).toEqual([["a"], ["a"], ["a"]]);
});
