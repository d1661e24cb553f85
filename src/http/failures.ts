// What went wrong where no handler says so: a path that is not there, and whatever was thrown.
import { ROUTES } from "../contract/routes.ts";
import { logEvent } from "../core/log.ts";
import { type Fault, faultBehind } from "../core/problems.ts";

/** A path that other methods have is told apart from one that is not there. */
export function faultOfMiss(method: string, path: string): Fault["data"] {
  const patterns = Object.values(ROUTES).map(({ route }) => ({ method: route.method, pattern: patternOf(route.path) }));
  const taken = patterns.filter(({ pattern }) => pattern.test(path)).map((route) => route.method.toUpperCase());
  const methods = taken.flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  if (methods.length === 0) return { code: "not_found", detail: `There is nothing at ${path}; see /docs` };
  return { code: "method_not_allowed", detail: `${path} takes ${methods.join(", ")}, not ${method}`, allow: methods };
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

/** A fault is for the caller; anything else is ours: logged in full, told without detail. */
export function faultOf(error: Error, requestId: string): Fault["data"] {
  const fault = faultBehind(error);
  if (fault) return fault.data;
  logEvent("error", "request_failed", { request_id: requestId, error: String(error), stack: error.stack });
  return { code: "internal", detail: "The request failed on our side; the request_id finds it in the operator's log" };
}
