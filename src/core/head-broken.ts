// The problem `head_broken`: a head whose stored data cannot be read. A broken head that can start throws it. If its
// object cannot start, the caller of the object recognises the failure here.
import { logEvent } from "./log.ts";
import { Fault, type FaultData } from "./problems.ts";

export const HEAD_BROKEN: FaultData = {
  code: "head_broken",
  detail: "The head cannot be read. If it stays so, delete it or ask the operator: the log has the cause",
};

/**
 * PLATFORM: only the messages identify these failures (workerd, December 2026). An object whose database file is
 * damaged fails before its constructor runs, with an internal error; SQLite's own errors end with their code.
 */
const UNREADABLE = /^internal error; reference = |no such (table|column): |SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN)/;

/** The runtime sets one of these if the same call may succeed a moment later. */
type Passing = { readonly [Flag in "retryable" | "overloaded" | "durableObjectReset"]?: unknown };

/** Whether a call of a head's object failed because the head's data cannot be read. */
export function isHeadBroken(error: unknown): boolean {
  if (error instanceof Fault) return error.data.code === "head_broken";
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded, durableObjectReset } = error as Passing;
  return !(retryable || overloaded || durableObjectReset) && UNREADABLE.test(error.message);
}

/**
 * A stub of a head's object whose calls throw `head_broken` if the head cannot be read. Errors of `serving` are not replaced:
 * a Worker continues with the version that it has loaded.
 */
export function tellingBroken<Rpc extends object>(stub: Rpc, head: string): Rpc {
  const call = (name: string, args: unknown[]): unknown => (stub as Methods)[name]?.(...args);
  const get = (_: Rpc, name: string | symbol): unknown => {
    if (typeof name === "symbol" || name === "then") return undefined; // a stub must not look like a promise
    if (name === "serving") return (...args: unknown[]) => call(name, args);
    return async (...args: unknown[]) => {
      try {
        return await call(name, args);
      } catch (error) {
        throw isHeadBroken(error) ? headBroken(head, error) : error;
      }
    };
  };
  return new Proxy(stub, { get });
}

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

function headBroken(head: string, error: unknown): Fault {
  logEvent("error", "head_broken", { head, error: String(error) });
  return Fault.from(HEAD_BROKEN);
}
