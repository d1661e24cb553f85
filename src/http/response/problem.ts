// Renders every error as an RFC 9457 problem document.
import { type FaultData, PROBLEMS } from "../../core/problems.ts";
import { standardFields } from "./standard-headers.ts";

/** Quotas become free by deletion, not with time. An hour keeps clients from retrying often. */
const RETRY_AFTER_SECONDS = 3_600;

export function problemResponse(fault: FaultData, requestId: string): Response {
  const { status, title } = PROBLEMS[fault.code];
  const { code, detail, errors, extensions } = fault;
  const type = `urn:lastlayer:problem:${code}`;
  const document = {
    ...extensions,
    type,
    title,
    status,
    detail,
    code,
    request_id: requestId,
    errors,
  };
  const headers = new Headers({ "Content-Type": "application/problem+json", ...standardFields(requestId) });
  if (status === 401) headers.set("WWW-Authenticate", "Bearer");
  if (fault.allow) headers.set("Allow", fault.allow.join(", "));
  if (fault.retryAfterSeconds !== undefined) headers.set("Retry-After", String(fault.retryAfterSeconds));
  else if (status === 429) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(document), { status, headers });
}
