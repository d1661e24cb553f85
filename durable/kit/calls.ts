// Makes the methods of an object from tables of functions: the shell controls the open state and when it may be used; a table
// implements the calls of the contract.
import type { Outcome } from "../../src/core/problems.ts";

/** A symbol, so that RPC does not offer it. */
export const RUN = Symbol("run");

/** An object that passes its open state to a piece of work, and returns its outcome. */
export interface Shell<Tools> {
  [RUN]<T>(work: (tools: Tools) => T | Promise<T>): Promise<Outcome<T>>;
}

type Method = (...args: never[]) => Promise<Outcome<unknown>>;

/** A function for some methods of `Rpc`: takes the tools and their arguments, returns their value or throws a fault. */
export type Calls<Rpc, Names extends keyof Rpc, Tools> = {
  readonly [Name in Names]: Rpc[Name] extends (...args: infer Args) => Promise<Outcome<infer Value>>
    ? (tools: Tools, ...args: Args) => Value | Promise<Value>
    : never;
};

/** Gives `shell` the methods of `table`. The shell's type declares them by an interface with the same name. */
export function answerCalls<Tools>(shell: { readonly prototype: Shell<Tools> }, table: object): void {
  for (const [name, call] of Object.entries(table) as [string, (tools: Tools, ...args: unknown[]) => unknown][]) {
    const method = function (this: Shell<Tools>, ...args: unknown[]) {
      return this[RUN]((tools) => call(tools, ...args));
    };
    Object.defineProperty(shell.prototype, name, { value: method as Method });
  }
}
