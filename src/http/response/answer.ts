// Responses: a handler returns the content, and the standard header fields are added before the Response is made.
import { isJsonText } from "../../core/json-text.ts";
import { standardFields } from "./standard-headers.ts";

/**
 * A JSON response that is not yet a Response object. Setting fields on a Response later crosses into the runtime once per
 * field.
 */
export interface JsonAnswer {
  readonly json: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export type Answered = Response | JsonAnswer;

export const answer = (json: unknown, status = 200, headers: JsonAnswer["headers"] = {}): JsonAnswer => ({
  json,
  status,
  headers,
});

export const noContent = (): Response => new Response(null, { status: 204 });

/** The Response, with `fields` in addition to those of the handler. */
export function sent(answered: Answered, fields: JsonAnswer["headers"] = {}): Response {
  if (!(answered instanceof Response)) {
    const { json, status, headers } = answered;
    // `Response.json` would take 1.5 times as long for the same result.
    return new Response(isJsonText(json) ? json.$json : JSON.stringify(json), {
      status,
      headers: { "Content-Type": "application/json", ...headers, ...fields },
    });
  }
  for (const [name, value] of Object.entries(fields)) answered.headers.set(name, value);
  return answered;
}

/** The Response that the caller gets: with the fields of every response, and with `fields`. */
export const finished = (answered: Answered, requestId: string, fields?: JsonAnswer["headers"]): Response =>
  sent(answered, { ...fields, ...standardFields(requestId) });
