// What this isolate knows of heads and has counted for them: made once, shared by all requests, keyed by head.
import type { Env } from "../../env.ts";
import { Pointers } from "../../serving/pointers.ts";
import { type Call, tenantOf } from "../call.ts";
import { Reporter } from "./reporter.ts";

export interface Serving {
  readonly pointers: Pointers;
  readonly reporter: Reporter;
}

const byEnv = new WeakMap<Env, Serving>();

export function servingOf(env: Env): Serving {
  const made = byEnv.get(env);
  if (made) return made;
  const { replicaMaxAgeMs: maxAgeMs } = env;
  const wait = (ms: number): Promise<void> => scheduler.wait(ms);
  const serving = { pointers: new Pointers({ maxAgeMs, now: Date.now, wait }), reporter: new Reporter(wait) };
  byEnv.set(env, serving);
  return serving;
}

type HeadCall = Pick<Call<"getHead">, "env" | "caller" | "params">;

/** The name of a head in what all tenants share. */
export function nameOf(call: HeadCall): string {
  const { tenant, space } = tenantOf(call);
  return `${tenant}.${space}/${call.params.head}`;
}

/** Whoever has changed a head here, or was told of a change, meets it in the next prediction here. */
export const forgetHead = (call: HeadCall): void => servingOf(call.env).pointers.forget(nameOf(call));
