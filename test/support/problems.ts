// Checks the form that all errors have.
import { expect } from "vitest";
import type { Answer, ProblemBody } from "./service.ts";

/** Expects a complete problem document with this status and code, without a stack. */
export function expectProblem(answer: Answer<ProblemBody>, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }, answer.text.slice(0, 400)).toEqual({ status, code });
  const { type, title, detail, status: inBody, request_id: requestId } = answer.body;
  expect(answer.headers.get("Content-Type")).toMatch(/^application\/problem\+json/);
  expect(inBody).toBe(status);
  for (const text of [type, title, detail]) expect(text).toEqual(expect.stringMatching(/\S/));
  expect(requestId).toMatch(/^req_/);
  expect(answer.headers.get("X-Request-Id")).toBe(requestId);
  expect(answer.text).not.toMatch(/\bat .+\.(ts|js):\d+/);
}

/** The body without its request id, so that equal mistakes give equal bodies. */
export function withoutRequestId({ body }: Answer<ProblemBody>): Omit<ProblemBody, "request_id"> {
  const { request_id: _, ...rest } = body;
  return rest;
}
