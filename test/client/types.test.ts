// The types that the client gives to answers, compared with the contract by the compiler.
import type { z } from "@hono/zod-openapi";
import { expect, it } from "vitest";
import type { Client } from "../../src/client/client.ts";
import type { Operation, ROUTES } from "../../src/contract/routes.ts";

type JsonOf<Response> = Response extends { content: { "application/json": { schema: infer Schema extends z.ZodType } } }
  ? z.infer<Schema>
  : never;
type ResponsesOf<Name extends Operation> = (typeof ROUTES)[Name]["route"]["responses"];
type AnswerOf<Name extends Operation> = JsonOf<ResponsesOf<Name>[keyof ResponsesOf<Name> & (200 | 201 | 202)]>;
/** Operations whose method returns another type than the contract declares. */
type Mistyped = {
  [Name in Operation]: [AnswerOf<Name>] extends [Awaited<ReturnType<Client[Name]>>] ? never : Name;
}[Operation];
/** Methods that return the parts of a stream, or bytes. */
type Streamed = "watchJob" | "exportVersion";

it("the client types every answer as the contract does, which the compiler checks", () => {
  const mistyped: Exclude<Mistyped, Streamed>[] = [];
  expect(mistyped satisfies never[]).toEqual([]);
});
