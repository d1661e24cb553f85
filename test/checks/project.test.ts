// Checks of the repository itself: versions agree, pins are exact, the lock file fits every platform.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VERSION } from "../../src/core/version.ts";
import { root } from "./source.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  overrides: Record<string, string>;
};
const lock = JSON.parse(read("package-lock.json")) as {
  packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
};

it("GET /healthz reports the version of package.json", () => {
  expect(VERSION).toBe(manifest.version);
});

it("package.json pins every dependency to one exact version", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

// Packages for some platforms have been missing from a registry. npm then omits them from the lock file without a message, and
// every `npm ci` fails. This happened to the runtime, the formatter and the parser.
it("the lock file has every package for every platform, one runtime, and no registry address", () => {
  const names = Object.keys(lock.packages);
  const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  expect(wanted.filter((name) => !names.some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  expect(wanted.filter((name) => name.startsWith("@cloudflare/workerd-"))).toHaveLength(5);
  expect(names.filter((name) => name.endsWith("node_modules/workerd"))).toHaveLength(1);
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved)).toEqual([]);
});

it("the compatibility date is not later than the pinned runtime", () => {
  const known =
    /^1\.(\d{4})(\d\d)(\d\d)\./
      .exec(manifest.overrides.workerd ?? "")
      ?.slice(1)
      .join("-") ?? "";
  const [, date = "none"] = /^compatibility_date = "(.+)"$/m.exec(read("wrangler.toml")) ?? [];
  expect(date <= known).toBe(true);
});

it("public requests for the files of bundles reach the Worker, which has no route for them", () => {
  expect(read("wrangler.toml")).toMatch(/^run_worker_first = \["\/backbones\/\*"\]$/m);
});

it("wrangler.toml binds what src/env.ts needs, and keeps every object's class in a migration", () => {
  const wrangler = read("wrangler.toml");
  const bound = [...wrangler.matchAll(/^(?:name|binding) = "([A-Z]+)"/gm)].map(([, name]) => name);
  const asked = [...read("src/env.ts").matchAll(/^ {2}readonly ([A-Z]+)(\??): /gm)];
  const needed = asked.filter(([, , optional]) => optional === "").map(([, name]) => name);
  expect(needed.filter((name) => !bound.includes(name))).toEqual([]);
  expect(bound.filter((name) => !asked.some(([, known]) => known === name))).toEqual([]);
  for (const [, name] of wrangler.matchAll(/class_name = "(\w+)"/g)) expect(wrangler).toContain(`"${name}"`);
});

it("the source never loads the WebGL backend or all of tfjs", () => {
  const imports = ["src/tensor/boot.ts", "src/tensor/products.ts", "src/tensor/scope.ts"].map(read).join("\n");
  expect(imports).not.toMatch(/from "@tensorflow\/tfjs"|tfjs-backend-webgl|tfjs-backend-cpu/);
});
