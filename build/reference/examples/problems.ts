// The table of problem codes as a schema, and an example of each code.
import { PROBLEMS, type ProblemCode } from "../../../src/core/problems.ts";

const codes = Object.keys(PROBLEMS) as ProblemCode[];
const line = (code: ProblemCode): string => `- \`${code}\` (${PROBLEMS[code].status}): ${PROBLEMS[code].title}`;

export const problemCodeSchema = () => ({
  type: "string",
  enum: codes,
  description: `Stable: program against it.\n${codes.map(line).join("\n")}`,
});

const DETAILS: Readonly<Record<ProblemCode, string>> = {
  invalid_request: "/id must be 1 to 40 of a-z, 0-9 and '-', not starting with '-'",
  unauthenticated: "The key is not valid: mistyped, revoked or expired",
  bad_signature: "The signature does not match the body and any secret of the source",
  stale_timestamp: "The timestamp is more than 300 s from now",
  forbidden: 'This needs a key with scope "write"; this key has "predict"',
  not_found: 'There is no head "tickets"',
  method_not_allowed: "/v1/heads supports GET, HEAD, POST, not PUT",
  conflict: 'There is a head "tickets" already',
  version_in_use: "Version 1 is live: promote another one first",
  job_running: "A job is queued or running; cancel it, or wait for its end",
  job_ended: "Job job_7hG2kQmX4tRw9bNcYz1D has ended already: succeeded",
  no_live_version: "This head has no live version: train it first",
  head_mismatch: "The file is of another task than the head",
  endpoint_disabled: "The endpoint is disabled; enable it first",
  idempotency_running: "The first request with this Idempotency-Key is still running",
  too_large: "The body is over 4194304 bytes; send less per request",
  unsupported_media_type: "Content-Type is text/plain; this route accepts application/json",
  idempotency_mismatch: "This Idempotency-Key was used with another request; use a new key for a new request",
  not_enough_examples:
    'Every label needs at least 2 different inputs, not counting those kept for test; too few: "refund" (1)',
  unreadable_input: "The picture cannot be read: the JPEG file is truncated",
  unmappable: "There is no value at /issue/title",
  delivery_rejected: "The head does not accept the mapped example: its label is empty",
  not_replayable: "The delivery cannot be replayed: it already took effect, or its payload is not stored",
  head_too_large: "1200 labels of 1024 dimensions are too many weights; at most 1000 labels fit",
  rate_limited: "The tenant's limit is 6000000 requests per minute",
  quota_exceeded: "The tenant's quota of heads is used up",
  storage_full: "The head's storage is full: delete examples or versions",
  overloaded: "Not enough memory is free at the moment; send the request again",
  unavailable: "The head cannot be reached at the moment; send the request again",
  backbone_unavailable: 'The backbone "sentences" is not registered with this service any more',
  misconfigured: "ADMIN_KEY must have at least 8 characters",
  head_broken: "The head cannot be read: delete it, then create it again",
  internal: "The request failed because of an internal error. The operator's log has the details under this request_id",
};

/** Members that some codes add. */
const MEMBERS: Partial<Record<ProblemCode, object>> = {
  invalid_request: {
    errors: [{ pointer: "/id", detail: "must be 1 to 40 of a-z, 0-9 and '-', not starting with '-'" }],
  },
  job_running: { job: "job_7hG2kQmX4tRw9bNcYz1D" },
  not_enough_examples: { labels: [{ label: "refund", inputs: 1 }] },
  unmappable: { delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958", reason: "missing" },
  delivery_rejected: { delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958", reason: "invalid_label" },
};

const REQUEST_ID = "req_dJj9QfgiNCgBppEq08V0";

function problemOf(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  const type = `urn:lastlayer:problem:${code}`;
  return { type, title, status, detail: DETAILS[code], code, request_id: REQUEST_ID, ...MEMBERS[code] };
}

/** An example of every code. */
export const problemExamples = () =>
  Object.fromEntries(codes.map((code) => [code, { summary: PROBLEMS[code].title, value: problemOf(code) }]));
