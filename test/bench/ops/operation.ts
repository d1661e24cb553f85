// Operations that a bench may request of the object: functions of the stored feature set and of the request's JSON, with JSON
// results.
import type { StoredSet } from "../object/stored-set.ts";

export type Params = Readonly<Record<string, unknown>>;

export type Operation = (stored: StoredSet, params: Params) => object | Promise<object>;

/** A number from the parameters, or `otherwise` if it is absent. */
export function numberIn(params: Params, name: string, otherwise: number): number {
  const value = params[name] ?? otherwise;
  if (typeof value !== "number") throw new Error(`"${name}" must be a number, not ${JSON.stringify(value)}`);
  return value;
}
