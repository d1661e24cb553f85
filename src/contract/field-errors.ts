// What a schema found wrong, as pointers into the value and what to do.
import type { z } from "@hono/zod-openapi";
import type { FieldError } from "../core/problems.ts";

/** The issues of a failed parse as RFC 6901 pointers and what to do. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const at = pointerOf(issue.path);
    if (issue.code !== "unrecognized_keys") return [{ pointer: at, detail: detailOf(issue.message) }];
    return issue.keys.map((key) => ({
      pointer: at + pointerOf([key]),
      detail: "is not a known field; remove it or mend its name",
    }));
  });
}

const detailOf = (message: string): string =>
  message.endsWith("received undefined") ? "is required" : message.replace(/^Invalid input: /, "");

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
