// Turns the issues of a schema into pointers into the value, each with a correction.
import type { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import type { FieldError } from "../core/problems.ts";
import { speakPlainly } from "./plain-words.ts";

type Issue = z.core.$ZodIssue;

const MOST = LIMITS.problemsListed;

speakPlainly();

/** The first issues of a failed parse as RFC 6901 pointers and what to do. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  const issues = error.issues.slice(0, MOST).flatMap(innermost).slice(0, MOST);
  return issues.flatMap(errorsOf).slice(0, MOST);
}

function errorsOf(issue: Issue): FieldError[] {
  const at = pointerOf(issue.path);
  if (issue.code !== "unrecognized_keys") return [{ pointer: at, detail: detailOf(issue) }];
  return issue.keys.slice(0, MOST).map((key) => ({
    pointer: at + pointerOf([key]),
    detail: "is not a known field; remove it or correct its name",
  }));
}

/** The issues of a key. If no form of a union fits, those of the form that has the right type. */
function innermost(issue: Issue): Issue[] {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => ({ ...inner, path: issue.path }));
  if (!isUnworded(issue)) return [issue];
  const form = issue.errors.find((issues) => issues.every(({ path, code }) => path.length > 0 || !isWrongType(code)));
  return form?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(innermost) ?? [issue];
}

const isWrongType = (code: string): boolean => code === "invalid_type" || code === "invalid_value";

/** A union for which its schema has no text. */
const isUnworded = (issue: Issue): issue is Extract<Issue, { code: "invalid_union" }> =>
  issue.code === "invalid_union" && issue.message === "Invalid input";

/** If no form of a union has the right type, the text lists the types of its forms. */
function detailOf(issue: Issue): string {
  if (!isUnworded(issue)) return issue.message;
  const forms = issue.errors.flatMap(([first]) => (first ? [detailOf(first)] : []));
  const kinds = forms.map((detail) => detail.replace(/^must be /, "").replace(/, not .*$/, ""));
  return `must be ${[...new Set(kinds)].join(" or ")}`;
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${shortened(String(part)).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Shortens a field name in an answer: a caller's name may be as long as the body. */
const shortened = (name: string): string =>
  name.length <= LIMITS.nameChars ? name : `${name.slice(0, LIMITS.nameChars).toWellFormed()}…`;
