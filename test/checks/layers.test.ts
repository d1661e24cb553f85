// The import rules between rooms, no cycles, and the limits of files and functions.
import { expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "./source.ts";

/** The rooms that each room may import. Longer prefixes win. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/contract": ["src/core"],
  "src/tensor": ["src/core", ".build/kernels"],
  "src/graph": ["src/core", "src/contract", "src/tensor", ".build/kernels"],
  "src/engine": ["src/core", "src/contract", "src/tensor"],
  "src/backbones": ["src/core", "src/contract", "src/tensor", "src/graph", ".build/kernels"],
  "src/lifecycle": ["src/core", "src/contract"],
  "src/serving": ["src/core", "src/contract", "src/tensor", "src/engine/heads", "src/lifecycle"],
  "src/webhooks": ["src/core", "src/contract"],
  "src/env.ts": ["src/core", "src/contract"],
  "src/http": ["src/core", "src/contract", "src/env.ts", "src/backbones", "src/serving", "src/webhooks"],
  "src/client": ["src/core", "src/contract"],
  "src/compile": ["src/core", "src/contract"], // runs in Node only
  "src/cli": ["src/core", "src/contract", "src/client", "src/compile"],
  "src/worker.ts": ["src/http", "durable"],
  build: ["src/core", "src/contract", "src/webhooks/schemes"],
  durable: [
    "src/core",
    "src/contract",
    "src/tensor",
    "src/engine",
    "src/backbones",
    "src/lifecycle",
    "src/serving",
    "src/webhooks",
    "src/env.ts",
  ],
};

/** The parts of durable/head, from top to bottom. A part may import itself, and those after it. */
const HEAD_PARTS: readonly (readonly string[])[] = [
  ["calls", "alarm.ts", "upkeep.ts", "stored-head.ts"],
  ["sources"],
  ["serving"],
  ["jobs"],
  ["training"],
  ["versions"],
  ["examples"],
  ["files"],
  ["tools.ts", "quota-usage.ts", "backlog.ts", "inbox.ts"],
  ["outbox.ts", "relay.ts", "upkeep-tools.ts", "failed-verifications.ts"],
  ["store.ts"],
  ["head-meta.ts", "head-backbone.ts", "schema.ts", "store"],
];

/** The only rooms that may import these packages. */
const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "@tensorflow/": ["src/tensor"],
  hono: ["src/http"],
  "@hono/zod-openapi": ["src/contract", "src/env.ts", "src/http", "build"],
  "cloudflare:workers": ["durable"],
  "csv-parse": ["src/http"],
  "@huggingface/tokenizers": ["src/compile", "src/backbones/texts"],
};

/** Ratchets: they only tighten. */
const MOST_FILE_LINES = 225;
const MOST_TEST_FILE_LINES = 400;
const MOST_FUNCTION_LINES = 50;
const MEDIAN_FUNCTION_LINES = 8;
const MOST_RELATIVE_IMPORTS = 12;
/** Files whose only task is to combine others. */
const HUBS: Readonly<Record<string, number>> = {
  // Shells of Durable Objects: creation, waking, the alarm and every call meet here.
  "durable/head-object.ts": 20,
  "durable/tenant-object.ts": 15,
  // Tables with one import for each noun of the API.
  "src/contract/routes.ts": 18,
  "src/contract/rpc.ts": 19,
  "src/graph/operations/registry.ts": 14,
  "src/http/routes/handlers.ts": 16,
  // One import for the limits of each room.
  "src/core/limits.ts": 13,
};

const files = sourceFiles("src", "durable", "build");

const roomOf = (path: string): string =>
  Object.keys(ROOMS)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0] ?? "nowhere";

const isWithin = (path: string, room: string): boolean => path === room || path.startsWith(`${room}/`);

it("every import follows the rules between rooms", () => {
  const wrong = files.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    const allowed = [room, ...(ROOMS[room] ?? [])];
    return imports.filter((to) => !allowed.some((other) => isWithin(to, other))).map((to) => `${path} → ${to}`);
  });
  expect(wrong).toEqual([]);
});

const HEAD_ROOM = "durable/head/";
const partOf = (path: string): number =>
  HEAD_PARTS.findIndex((parts) => parts.some((part) => isWithin(path, `${HEAD_ROOM}${part}`)));

it("the parts of durable/head import only downwards", () => {
  const parts = files.filter(({ path }) => path.startsWith(HEAD_ROOM));
  const wrong = parts.flatMap(({ path, imports }) =>
    imports.filter((to) => to.startsWith(HEAD_ROOM) && partOf(to) < partOf(path)).map((to) => `${path} → ${to}`),
  );
  expect(wrong).toEqual([]);
  expect(parts.map(({ path }) => path).filter((path) => partOf(path) < 0)).toEqual([]);
});

it("every source file belongs to a room", () => {
  expect(files.map(({ path }) => path).filter((path) => roomOf(path) === "nowhere")).toEqual([]);
});

it("every package is imported only in the rooms that own it", () => {
  const owners = (name: string): readonly string[] | undefined => {
    const prefix = Object.keys(PACKAGE_ROOMS).find(
      (key) => name === key || name.startsWith(key.endsWith("/") ? key : `${key}/`),
    );
    return prefix === undefined ? undefined : PACKAGE_ROOMS[prefix];
  };
  const wrong = files.flatMap(({ path, packages }) =>
    packages.filter((name) => owners(name)?.every((room) => !isWithin(path, room))).map((name) => `${path} → ${name}`),
  );
  expect(wrong).toEqual([]);
});

it("the imports have no cycles, type-only imports included", () => {
  expect(findCycle(files)).toBeNull();
});

it("files and functions stay small enough to read", () => {
  const long = files.filter(({ lines }) => lines > MOST_FILE_LINES).map(({ path, lines }) => `${path}: ${lines} lines`);
  const functions = files.flatMap(({ path, functions: own }) => own.map((one) => ({ path, ...one })));
  const longFunctions = functions.filter(({ lines }) => lines > MOST_FUNCTION_LINES);
  const lengths = functions.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(long).toEqual([]);
  expect(longFunctions.map(({ path, name, lines }) => `${path} ${name}: ${lines}`)).toEqual([]);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(MEDIAN_FUNCTION_LINES);
});

it("every test file stays short, because a file about several subjects is split", () => {
  const long = sourceFiles("test").filter(({ lines }) => lines > MOST_TEST_FILE_LINES);
  expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([]);
});

it("the number of imports per file stays low", () => {
  const many = files.filter(({ path, imports }) => imports.length > (HUBS[path] ?? MOST_RELATIVE_IMPORTS));
  expect(many.map(({ path, imports }) => `${path}: ${imports.length}`)).toEqual([]);
});

it("every source file begins with a comment about what it owns", () => {
  expect(files.filter(({ text }) => !text.startsWith("// ")).map(({ path }) => path)).toEqual([]);
});

function findCycle(all: readonly SourceFile[]): readonly string[] | null {
  const imports = new Map(all.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(path)) return [...trail, path];
    if (done.has(path)) return null;
    for (const next of imports.get(path) ?? []) {
      const cycle = walk(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  return all.reduce<readonly string[] | null>((found, { path }) => found ?? walk(path, []), null);
}
