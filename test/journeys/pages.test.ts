// The code blocks of the README and of docs/, run as written against one service. Each page has a tenant of its own, and begins
// where the README's first prediction ends.
import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Service, startService } from "../../src/cli/service.ts";
import { type CodeBlock, codeBlocks, PAGES, pageText } from "../support/markdown.ts";
import { removeFolder, temporaryFolder } from "./support.ts";

const root = new URL("../../", import.meta.url).pathname;
const state = temporaryFolder();
let service: Service;

beforeAll(async () => {
  service = await startService(state, "choose-a-long-one", { vars: { ALLOW_PRIVATE_ENDPOINTS: "true" } });
});
afterAll(async () => {
  await service?.kill();
  removeFolder(state);
});

/** A folder like the checkout, where blocks may write files. */
function workFolder(name: string): string {
  const folder = join(state, name);
  mkdirSync(folder);
  for (const part of ["fixtures", "node_modules", "src"]) symlinkSync(join(root, part), join(folder, part));
  return folder;
}

/** Marks where the output of a block begins. */
const MARK = "\u001e";

/** Ends the script after an error answer, and prints a line end after every answer. */
const CURL = 'curl() { command curl --fail-with-body "$@"; local code=$?; echo; return $code; }';

const HAS_ONNX = "python3 -c 'import numpy, onnxruntime' 2>/dev/null";

/** Commands that run a block. Python is only parsed if its packages are missing. */
function commandsOf({ language, text }: CodeBlock): string {
  if (language === "sh") return text;
  if (language === "ts") return `${process.execPath} --input-type=module-typescript <<'END'\n${text}END\n`;
  const parse = "python3 -c 'import ast, sys; ast.parse(sys.stdin.read())'";
  return `if ${HAS_ONNX}; then python3; else ${parse}; fi <<'END'\n${text}END\n`;
}

interface Step {
  readonly commands: string;
  /** The answer that the page shows for the commands. It is undefined if the page shows none. */
  readonly shown: unknown;
}

/** The blocks that run. A JSON block directly below such a block shows its answer. */
function stepsOf(page: string): Step[] {
  const blocks = codeBlocks(pageText(page));
  const steps = blocks.map((block, i) => {
    const next = blocks[i + 1];
    return { block, shown: next?.isRightBelow && next.language === "json" ? JSON.parse(next.text) : undefined };
  });
  const runs = steps.filter(({ block }) => ["sh", "ts", "py"].includes(block.language));
  return runs.map(({ block, shown }) => ({ commands: commandsOf(block), shown }));
}

/** The outputs of the steps. Throws with the commands and the output of the step that fails. */
async function run(steps: readonly Step[], name: string): Promise<string[]> {
  const marked = steps.map(({ commands }) => `printf '${MARK}'\n${commands}`);
  const script = [CURL, ...marked]
    .join("\n")
    .replaceAll("http://127.0.0.1:8787", service.url)
    .replaceAll('{"id":"acme"}', `{"id":"acme-${name}"}`);
  const options = { cwd: workFolder(name), maxBuffer: 1 << 26 };
  const ended = promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], options);
  const { stdout, stderr, code } = await ended.then(
    (done) => ({ ...done, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  const outputs = stdout.split(MARK).slice(1);
  if (code === 0) return outputs;
  throw new Error(
    `A block failed:\n${steps[outputs.length - 1]?.commands}\n${outputs.at(-1)?.slice(-2_000)}\n${stderr}`,
  );
}

/** The last line of an output that is JSON. */
function answerIn(output: string): unknown {
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  return line === undefined ? undefined : JSON.parse(line);
}

/** Paths at which an answer differs from what a page shows: a member is missing, or a value has another type. */
function differences(shown: unknown, answer: unknown, at = ""): string[] {
  if (shown === null || typeof shown !== "object") return kindOf(shown) === kindOf(answer) ? [] : [at];
  if (answer === null || typeof answer !== "object") return [at];
  return Object.entries(shown).flatMap(([name, value]) =>
    name in answer ? differences(value, (answer as Record<string, unknown>)[name], `${at}/${name}`) : [`${at}/${name}`],
  );
}

const kindOf = (value: unknown): string => (value === null ? "null" : typeof value);

const runs = (page: string): boolean => stepsOf(page).length > 0;

/** The README's steps that a page needs first: its variables, and its head if the page uses that head. */
function stepsBefore(page: string): Step[] {
  if (page === "README.md") return [];
  const usesHead = pageText(page).includes("/v1/heads/tickets");
  return stepsOf("README.md").slice(0, usesHead ? undefined : 1);
}

it.concurrent.each(PAGES.filter(runs))("%s has code blocks that run, with the answers that it shows", async (page) => {
  const steps = [...stepsBefore(page), ...stepsOf(page)];
  const outputs = await run(steps, page.replaceAll(/\W+/g, "-").toLowerCase());
  steps.forEach(({ shown }, i) => {
    if (shown !== undefined) expect(differences(shown, answerIn(outputs[i] as string)), outputs[i]).toEqual([]);
  });
});

it("the lines of the README lead from nothing to a right prediction", async () => {
  const output = (await run(stepsOf("README.md"), "walk")).join("");
  expect(output).toContain('"added":1454');
  expect(output).toContain("event: succeeded");
  expect(output).toMatch(/"predictions":\[\{"label":"where_is_my_order"/);
});
