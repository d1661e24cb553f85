// Faults that no handler reports: unknown paths, and thrown errors.
import { ROUTES } from "../../contract/routes.ts";
import { logEvent } from "../../core/log.ts";
import { type Fault, faultBehind } from "../../core/problems.ts";

/** Distinguishes a path with other methods from an unknown path. */
export function faultOfMiss(method: string, path: string): Fault["data"] {
  const patterns = Object.values(ROUTES).map(({ route }) => ({ method: route.method, pattern: patternOf(route.path) }));
  const taken = patterns.filter(({ pattern }) => pattern.test(path)).map((route) => route.method.toUpperCase());
  const methods = taken.flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  if (methods.length === 0) return { code: "not_found", detail: `${path} does not exist; see /docs` };
  return {
    code: "method_not_allowed",
    detail: `${path} supports ${methods.join(", ")}, not ${method}`,
    allow: methods,
  };
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

/** A fault is reported to the caller. Any other error is a bug: it is logged in full and reported without detail. */
export function faultOf(error: Error, requestId: string): Fault["data"] {
  const fault = faultBehind(error);
  if (fault) return fault.data;
  logEvent("error", "request_failed", { request_id: requestId, error: String(error), stack: error.stack });
  return {
    code: "internal",
    detail: "The request failed because of an internal error. The operator's log has the details under this request_id",
  };
}
