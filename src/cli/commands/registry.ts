// Every command of the command line, one line each.
import type { Command } from "./command.ts";
import { compile } from "./compile.ts";
import { demo } from "./demo.ts";

export const COMMANDS: Readonly<Record<string, Command>> = { compile, demo };
