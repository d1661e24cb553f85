// Cached state and counts of heads in this isolate: created once, shared by all requests, keyed by head.
import { type Env, generationOf, nameOfHead } from "../../env.ts";
import { Pointers } from "../../serving/pointers.ts";
import { type Call, tenantOf } from "../request/call.ts";
import { Reporter } from "./reporter.ts";

export interface Serving {
  readonly pointers: Pointers;
  readonly reporter: Reporter;
}

const byEnv = new WeakMap<Env, Serving>();

export function servingOf(env: Env): Serving {
  const made = byEnv.get(env);
  if (made) return made;
  const clock = { now: () => Date.now(), wait: (ms: number) => scheduler.wait(ms) };
  const pointers = new Pointers({ maxAgeMs: env.replicaMaxAgeMs, ...clock });
  const serving = { pointers, reporter: new Reporter(clock) };
  byEnv.set(env, serving);
  return serving;
}

type HeadCall = Pick<Call<"getHead">, "env" | "caller" | "params">;

/** The name of a head in structures that all tenants share. */
export function nameOf(call: HeadCall): string {
  const owner = tenantOf(call);
  return nameOfHead(owner, call.params.head, generationOf(owner, call.params.head));
}

/**
 * Drops the cached state of a head that was changed here, or reported as changed, so that the next prediction here loads it
 * again.
 */
export const forgetHead = (call: HeadCall): void => servingOf(call.env).pointers.forget(nameOf(call));
