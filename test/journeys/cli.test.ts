// The command line: `help` lists every command, and the answer to a wrong call shows a right one.
import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands/registry.ts";

const root = new URL("../../", import.meta.url).pathname;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const lastlayer = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ["src/cli/lastlayer.ts", ...args], { cwd: root }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

it.each([[""], ["help"], ["--help"]])("the command line lists every command for the arguments %j", async (args) => {
  const { code, stdout } = await lastlayer(...args.split(" ").filter(Boolean));
  expect(code).toBe(0);
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    expect(stdout).toContain(`lastlayer ${name}`);
    expect(stdout).toContain(summary);
  }
});

it.each(["nothing", "constructor"])(
  "the command line exits with 2 and lists the commands for the unknown command %s",
  async (name) => {
    const { code, stderr } = await lastlayer(name);
    expect(code).toBe(2);
    expect(stderr).toContain(`There is no command "${name}"`);
    expect(stderr).toContain("lastlayer demo");
  },
);

describe.each(Object.keys(COMMANDS))("the command %s", (name) => {
  it("exits with 2, names the unknown option, and shows its usage", async () => {
    const { code, stderr } = await lastlayer(name, "--no-such-option");
    expect(code).toBe(2);
    expect(stderr).toContain("--no-such-option");
    expect(stderr).toContain(`lastlayer ${name}`);
  });

  it.each(["--help", "-h"])("shows its usage for %s, and does nothing else", async (flag) => {
    const { code, stdout, stderr } = await lastlayer(name, flag);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`lastlayer ${name}`);
    expect(stdout).toContain(COMMANDS[name]?.summary);
  });
});
