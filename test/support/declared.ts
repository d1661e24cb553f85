// Compares real answers with their declarations in the contract: status, content type, and every field of the body.
import type { z } from "@hono/zod-openapi";
import { expect } from "vitest";
import { type Operation, ROUTES, type RouteEntry } from "../../src/contract/routes.ts";
import { ORIGIN, sendRequest, textOf } from "./service.ts";

type Content = Readonly<Record<string, { readonly schema: z.ZodType }>>;
type Responses = Readonly<Record<string, { readonly content?: Content }>>;

/** Statuses by operation, of answers that were compared. */
export type Seen = Map<Operation, Set<number>>;

/** A fetch for a client: sends to the service in this runtime, and compares each answer with the contract. */
export function declaredFetch(seen: Seen): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const request = new Request(url, init);
    const operation = operationOf(request.method, url.slice(ORIGIN.length));
    const answer = await sendRequest(request);
    const bytes = await answer.arrayBuffer();
    const again = (): Response => new Response(bytes.byteLength > 0 ? bytes : null, answer);
    await expectDeclared(operation, again());
    seen.set(operation, (seen.get(operation) ?? new Set()).add(answer.status));
    return again();
  };
}

/** The operation of a request; of several whose path fits, the one with the fewest parameters, as in the router. */
function operationOf(method: string, target: string): Operation {
  const [path = ""] = target.split("?");
  const fits = (Object.keys(ROUTES) as Operation[]).filter((name) => {
    const { route }: RouteEntry = ROUTES[name];
    const pattern = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return route.method.toUpperCase() === method && pattern.test(path);
  });
  const parameters = (name: Operation): number => ROUTES[name].route.path.split("{").length;
  const [operation] = fits.sort((a, b) => parameters(a) - parameters(b));
  if (operation === undefined) throw new Error(`No operation of the contract has ${method} ${target}`);
  return operation;
}

/** Fails for an undeclared status, content type or field, and for a field of another type. */
export async function expectDeclared(operation: Operation, answer: Response): Promise<void> {
  const responses = ROUTES[operation].route.responses as Responses;
  const { status } = answer;
  const declared = responses[status] ?? (status >= 400 ? responses.default : undefined);
  const text = await textOf(answer).catch(() => "binary");
  const what = `${operation} answered ${status}: ${text.slice(0, 1_000)}`;
  if (declared === undefined) throw new Error(`The contract does not declare this status. ${what}`);
  if (declared.content === undefined) return expect(text, what).toBe("");
  const [type = ""] = (answer.headers.get("Content-Type") ?? "").split(";");
  const schema = declared.content[type]?.schema;
  if (!schema) throw new Error(`The contract does not declare the type "${type}". ${what}`);
  for (const document of documentsIn(type, text)) {
    // A schema strips fields that it does not declare, at every depth, so that the result differs.
    expect(schema.parse(document), what).toEqual(document);
  }
}

/** Files in binary and streams of events have no further declaration. */
function documentsIn(type: string, text: string): unknown[] {
  if (type === "application/x-ndjson") return text.split("\n").filter(Boolean).map(asJson);
  return /[/+]json$/.test(type) ? [asJson(text)] : [];
}

const asJson = (text: string): unknown => JSON.parse(text);
