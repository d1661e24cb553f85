// `npm run demo`, the first command in the README: completes, leaves nothing behind, and exits with 0.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("lastlayer-demo-"));

it("the demo runs to its end and leaves nothing behind", async () => {
  const before = folders();
  const { stdout } = await promisify(execFile)(process.execPath, ["src/cli/lastlayer.ts", "demo"], { cwd: root }); // rejects unless 0
  expect(stdout).toContain("Pushed 1454 labelled messages");
  expect(stdout).toMatch(/accuracy +(6|7|8)\d\.\d %/);
  expect(stdout).toContain("Most confused:");
  expect(stdout.match(/^ {2}\w+ \d\.\d\d, /gm)).toHaveLength(5);
  expect(stdout.match(/curl http/g)).toHaveLength(2);
  expect(folders()).toEqual(before);
});
