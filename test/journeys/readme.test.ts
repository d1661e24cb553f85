// The README's walkthrough from nothing to a prediction, run as written.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { startService } from "../../src/cli/service.ts";
import { removeFolder, temporaryFolder } from "./support.ts";

const root = new URL("../../", import.meta.url).pathname;
const state = temporaryFolder();
afterAll(() => removeFolder(state));

/** The block under "From nothing to a prediction". */
function walk(): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const block = /## From nothing to a prediction[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1];
  return block ?? "";
}

it("goes from nothing to a prediction with the lines of the README", async () => {
  const service = await startService(state, "choose-a-long-one");
  try {
    const script = walk().replaceAll("http://127.0.0.1:8787", service.url);
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: root });
    expect(stdout).toContain('"added":1454');
    expect(stdout).toContain("event: succeeded");
    expect(stdout).toMatch(/"predictions":\[\{"label":"where_is_my_order"/);
  } finally {
    await service.kill();
  }
});
