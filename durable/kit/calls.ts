// Makes the class of an object from a table of functions: a table implements the calls of the contract, and the object's own
// class controls the open state and when it may be used.
import type { Outcome } from "../../src/core/problems.ts";
import type { Bindings } from "../../src/env.ts";
import { LedgerObject } from "./ledger.ts";

/** A symbol, so that RPC does not offer it. */
export const RUN = Symbol("run");

/** A function for some methods of `Rpc`: takes the tools and their arguments, returns their value or throws a fault. */
export type Calls<Rpc, Names extends keyof Rpc, Tools> = {
  readonly [Name in Names]: Rpc[Name] extends (...args: infer Args) => Promise<Outcome<infer Value>>
    ? (tools: Tools, ...args: Args) => Value | Promise<Value>
    : never;
};

abstract class CallObject<Tools> extends LedgerObject {
  /** Passes the open state to a piece of work, and returns its outcome. */
  abstract [RUN]<T>(work: (tools: Tools) => T | Promise<T>): Promise<Outcome<T>>;
}

type CallClass<Rpc, Names extends keyof Rpc, Tools> = abstract new (
  ctx: DurableObjectState,
  env: Bindings,
) => CallObject<Tools> & Pick<Rpc, Names>;

/**
 * The class with one method for each function of a table. An object extends it and implements `Rpc`, so it compiles only if the
 * table has all methods of `Rpc` that the object does not define itself. PLATFORM: RPC offers only methods of classes.
 */
export const classOf =
  <Rpc, Tools>() =>
  <Names extends keyof Rpc>(table: Calls<Rpc, Names, Tools>): CallClass<Rpc, Names, Tools> => {
    abstract class Answering extends CallObject<Tools> {}
    for (const [name, call] of Object.entries(table) as [string, (tools: Tools, ...args: unknown[]) => unknown][]) {
      const value = function (this: Answering, ...args: unknown[]) {
        return this[RUN]((tools) => call(tools, ...args));
      };
      Object.defineProperty(Answering.prototype, name, { value });
    }
    return Answering as unknown as CallClass<Rpc, Names, Tools>;
  };
