// Header fields of requests and responses, in the form of OpenAPI components, and which operations have them.
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";
import { LIMITS } from "../../src/core/limits.ts";

const text = (description: string, example: string) => ({ description, schema: { type: "string" }, example });

/** Request headers. They have no examples, because the reference page would send those. */
export const REQUEST_HEADERS = {
  "Idempotency-Key": {
    name: "Idempotency-Key",
    in: "header",
    description: `Makes the request safe to repeat: the same key, path and body within ${LIMITS.idempotencyHours} hours get the first answer again. Any text, such as import-7-1`,
    schema: { type: "string", minLength: 1, maxLength: LIMITS.idempotencyKeyChars },
  },
  "Last-Event-ID": {
    name: "Last-Event-ID",
    in: "header",
    description: "The id of the last event received: the stream continues after it",
    schema: { type: "string" },
  },
  "If-None-Match": {
    name: "If-None-Match",
    in: "header",
    description: "An ETag from an earlier export: answers 304 if the version is the same",
    schema: { type: "string" },
  },
} as const;

export const RESPONSE_HEADERS = {
  "X-Request-Id": text("The id of the request, which the operator's log has too", "req_dJj9QfgiNCgBppEq08V0"),
  RateLimit: text(
    "What is left of each policy (`r`), and seconds until more is (`t`); draft-ietf-httpapi-ratelimit-headers-11",
    '"requests";r=5999988;t=42, "inputs";r=59999990;t=42',
  ),
  "RateLimit-Policy": text(
    "The tenant's limits, and the key's if it has one: quota (`q`) in a window of seconds (`w`)",
    '"requests";q=6000000;w=60, "inputs";q=60000000;w=60;qu="inputs"',
  ),
  "Retry-After": {
    description: "With 429 and 503: seconds after which the request can be repeated",
    schema: { type: "integer" },
    example: 5,
  },
  "Idempotency-Replayed": text("`true`: this repeats the first answer to the Idempotency-Key", "true"),
  "Server-Timing": text(
    "Milliseconds of embedding, scoring and the head's object",
    "embed;dur=0.31, head;dur=0.12, object;dur=0.00",
  ),
  Location: text("The path of what was created", "/v1/heads/tickets"),
  ETag: text("The version's digest", '"sha256:9b3f5a6c…"'),
  "Content-Disposition": text("A name for the file", 'attachment; filename="tickets-v1.onnx"'),
} as const;

export type RequestHeader = keyof typeof REQUEST_HEADERS;
export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** Like the service: a POST that changes nothing is simply repeated, and a signed request has its own id. */
const takesIdempotencyKey = ({ route, access, changesNothing = false }: RouteEntry): boolean =>
  route.method === "post" && access !== "signature" && !changesNothing;

export function requestHeadersOf(operation: Operation): RequestHeader[] {
  if (takesIdempotencyKey(ROUTES[operation])) return ["Idempotency-Key"];
  if (operation === "watchJob") return ["Last-Event-ID"];
  return operation === "exportVersion" ? ["If-None-Match"] : [];
}

const CREATED: readonly Operation[] = [
  "createTenant",
  "createHead",
  "createEndpoint",
  "createSource",
  "startJob",
  "importVersion",
];

/** `isProblem`: of the answers that are no success. */
export function responseHeadersOf(operation: Operation, status: number | "problem"): ResponseHeader[] {
  const entry: RouteEntry = ROUTES[operation];
  const isMetered = !["public", "signature", "operator"].includes(entry.access);
  const headers: ResponseHeader[] = ["X-Request-Id"];
  if (isMetered) headers.push("RateLimit", "RateLimit-Policy");
  if (status === "problem") return [...headers, "Retry-After"];
  if (takesIdempotencyKey(entry)) headers.push("Idempotency-Replayed");
  if (status > 200 && status < 300 && CREATED.includes(operation)) headers.push("Location");
  if (operation === "predict") headers.push("Server-Timing");
  if (operation === "exportVersion") headers.push("ETag");
  if (operation === "exportVersion" && status === 200) headers.push("Content-Disposition");
  return headers;
}
