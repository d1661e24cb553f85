// Defines a command of the command line.
import type { ParseArgsConfig } from "node:util";

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Options by name, as `parseArgs` of node:util takes them. */
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Names of the arguments without a dash, in order. */
  readonly positionals: readonly string[];
  /** Throws an Error whose message is for the user. */
  run(values: Readonly<Record<string, unknown>>, positionals: readonly string[]): Promise<void>;
}
