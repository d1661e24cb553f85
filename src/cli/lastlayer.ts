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

const HELP: readonly string[] = ["--help", "-h"];

/** Exits with 0 for help and success, 1 for a command that failed, 2 for a wrong call. */
async function runCommand([name = "help", ...args]: readonly string[]): Promise<number> {
  if (["help", ...HELP].includes(name)) return say(help());
  const command = commandOf(name);
  if (!command) return refuse(`There is no command "${name}".\n${help()}`);
  if (args.some((arg) => HELP.includes(arg))) return say(usageOf(name, command));
  const given = argumentsOf(command, args);
  if (given instanceof Error) return refuse(`${given.message}\nUsage:\n${usageOf(name, command)}`);
  try {
    await command.run(given.values, given.positionals);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

type Arguments = ReturnType<typeof parseArgs>;

/** The parsed arguments, or why they do not fit the command. */
function argumentsOf({ options, positionals }: Command, args: readonly string[]): Arguments | Error {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: positionals.length > 0 });
    const missing = positionals.length - parsed.positionals.length;
    return missing === 0 ? parsed : new Error(missing > 0 ? "An argument is missing" : "There are too many arguments");
  } catch (error) {
    return error as Error;
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}

process.exitCode = await runCommand(process.argv.slice(2));
