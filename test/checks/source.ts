// The source for the checks: files, their imports, and the length of their functions (parsed by oxc).
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { parseSync } from "oxc-parser";

export const root = new URL("../../", import.meta.url).pathname;

export interface SourceFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  /** Relative imports, including type-only ones, as paths from the root. */
  readonly imports: readonly string[];
  /** Imported packages. */
  readonly packages: readonly string[];
  readonly functions: readonly SourceFunction[];
  readonly text: string;
}

export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.includes("assembly/"))
      .map((name) => readSource(join(folder, name))),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const { program, module } = parseSync(path, text);
  const specifiers = [...module.staticImports, ...module.staticExports.flatMap(({ entries }) => entries)]
    .map((entry) => entry.moduleRequest?.value)
    .filter((value) => value !== undefined);
  // A dynamic import has an expression in place of a name. Its source text is used, without the quotes.
  for (const { moduleRequest } of module.dynamicImports)
    specifiers.push(text.slice(moduleRequest.start + 1, moduleRequest.end - 1));
  const relatives = specifiers.filter((name) => name.startsWith("."));
  return {
    path,
    text,
    lines: text.split("\n").length - 1,
    imports: relatives.map((name) => relative(root, normalize(join(root, dirname(path), name)))),
    packages: specifiers.filter((name) => !name.startsWith(".")),
    functions: functionsOf(program, text),
  };
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name: string } | null;
  readonly key?: { readonly name?: string };
  readonly value?: Node;
  readonly init?: Node;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** Named functions, methods and bound arrow functions. */
function functionsOf(program: unknown, text: string): SourceFunction[] {
  const found: SourceFunction[] = [];
  const lineOf = (at: number): number => text.slice(0, at).split("\n").length;
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const { type, id, key, value, init, start, end } = node as Node;
    const body = value ?? init ?? (node as Node);
    if (body && FUNCTIONS.has(body.type) && (id?.name ?? key?.name)) {
      found.push({ name: String(id?.name ?? key?.name), line: lineOf(start), lines: lineOf(end) - lineOf(start) + 1 });
    }
    if (type) Object.values(node).forEach(visit);
  };
  visit(program);
  return found;
}
