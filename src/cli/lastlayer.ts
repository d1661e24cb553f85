// The command line: finds a command, parses its arguments and runs it. `npm run lastlayer -- help` lists the commands.
import { parseArgs } from "node:util";
import type { Command } from "./commands/command.ts";
import { COMMANDS } from "./commands/registry.ts";

const commandOf = (name: string): Command | undefined => (Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined);

function usageOf(name: string, { summary, options, positionals }: Command): string {
  const flags = Object.entries(options).map(([flag, { type }]) => `[--${flag}${type === "string" ? " VALUE" : ""}]`);
  return `  lastlayer ${[name, ...positionals.map((one) => `<${one}>`), ...flags].join(" ")}\n      ${summary}`;
}

const help = (): string =>
  ["Commands:", ...Object.entries(COMMANDS).map(([name, command]) => usageOf(name, command))].join("\n");

/** Returns the exit code. */
async function runCommand([name = "help", ...args]: readonly string[]): Promise<number> {
  const command = commandOf(name);
  if (!command) {
    const isHelp = ["help", "--help", "-h"].includes(name);
    (isHelp ? process.stdout : process.stderr).write(
      isHelp ? `${help()}\n` : `There is no command "${name}".\n${help()}\n`,
    );
    return isHelp ? 0 : 2;
  }
  try {
    const { options, positionals } = command;
    const parsed = parseArgs({ args, options, allowPositionals: positionals.length > 0 });
    if (parsed.positionals.length !== positionals.length) throw new Error(`Usage:\n${usageOf(name, command)}`);
    await command.run(parsed.values, parsed.positionals);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

process.exitCode = await runCommand(process.argv.slice(2));
