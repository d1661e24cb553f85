// What a schema found wrong, as pointers into the value and what to do.
import type { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import type { FieldError } from "../core/problems.ts";

type Issue = z.core.$ZodIssue;

const MOST = LIMITS.problemsListed;

/** The first issues of a failed parse as RFC 6901 pointers and what to do. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  const issues = error.issues.slice(0, MOST).flatMap(innermost).slice(0, MOST);
  return issues.flatMap(errorsOf).slice(0, MOST);
}

function errorsOf(issue: Issue): FieldError[] {
  const at = pointerOf(issue.path);
  if (issue.code !== "unrecognized_keys") return [{ pointer: at, detail: detailOf(issue.message) }];
  return issue.keys.slice(0, MOST).map((key) => ({
    pointer: at + pointerOf([key]),
    detail: "is not a known field; remove it or mend its name",
  }));
}

/** What is wrong inside, where an issue only says that there is something: in a key, or in the one form that fits so far. */
function innermost(issue: Issue): Issue[] {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => ({ ...inner, path: issue.path }));
  if (issue.code !== "invalid_union" || issue.message !== "Invalid input") return [issue];
  const form = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0));
  return form?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(innermost) ?? [issue];
}

const detailOf = (message: string): string =>
  message.endsWith("received undefined") ? "is required" : message.replace(/^Invalid input: /, "");

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${shortened(String(part)).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** A caller's name of a field may be as long as the body: an answer does not repeat all of it. */
const shortened = (name: string): string =>
  name.length <= LIMITS.nameChars ? name : `${name.slice(0, LIMITS.nameChars).toWellFormed()}…`;
