// Compares real answers with their declarations in the contract: status, content type, and every field of the body.
import type { z } from "@hono/zod-openapi";
import { expect } from "vitest";
import { problemCodesOf } from "../../build/reference/problem-codes.ts";
import type { Problem } from "../../src/contract/common.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";

type Content = Readonly<Record<string, { readonly schema: z.ZodType }>>;
type Responses = Readonly<Record<string, { readonly content?: Content }>>;

/** Routes by ascending number of parameters, because the router prefers the matching path with the fewest parameters. */
const PATTERNS = (Object.keys(ROUTES) as Operation[])
  .map((operation) => {
    const { method, path } = ROUTES[operation].route;
    const pattern = new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return { operation, pattern, parameters: path.split("{").length };
  })
  .sort((a, b) => a.parameters - b.parameters);

/** The operation of a request. It is null for a request outside of the contract. */
export function operationOf(method: string, target: string): Operation | null {
  const [path] = target.split("?");
  return PATTERNS.find(({ pattern }) => pattern.test(`${method} ${path}`))?.operation ?? null;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Fails if a status, content type, field or problem code is not declared, or if a field has another type. */
export function expectDeclared(operation: Operation, { status, headers, text }: PlainAnswer): void {
  const responses = ROUTES[operation].route.responses as Responses;
  const declared = responses[status] ?? (status >= 400 ? responses.default : undefined);
  const what = `${operation} answered ${status}: ${text.slice(0, 1_000)}`;
  if (declared === undefined) throw new Error(`The contract does not declare this status. ${what}`);
  if (declared.content === undefined && text === "") return;
  const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
  const schema = declared.content?.[type]?.schema;
  if (!schema) throw new Error(`The contract does not declare this content: ${type}. ${what}`);
  for (const document of documentsIn(type, text)) {
    // A schema removes fields that it does not declare, at every depth, so the comparison finds them.
    expect(schema.parse(document), what).toEqual(document);
    if (declared === responses.default) expect(problemCodesOf(operation), what).toContain((document as Problem).code);
  }
}

/** Binary files and streams of events have no further declaration. */
function documentsIn(type: string, text: string): unknown[] {
  if (type === "application/x-ndjson") return text.split("\n").filter(Boolean).map(asJson);
  return /[/+]json$/.test(type) ? [asJson(text)] : [];
}

const asJson = (text: string): unknown => JSON.parse(text);
