// The one error of the client for answers of the service: it carries the problem document (RFC 9457).
import type { Problem } from "../contract/common.ts";
import type { ProblemCode } from "../core/problems.ts";

/** Thrown for an answer that is not a success. `unknown`: it was not the service that answered, but for example a proxy. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: ProblemCode | "unknown";
  /** The whole document, with `errors` for single fields; null if the answer was no problem document. */
  readonly problem: Problem | null;
  /** From the Retry-After header; null without one. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem | null, retryAfterSeconds: number | null) {
    super(problem?.detail ?? `The service answered ${status}`);
    this.status = status;
    this.code = (problem?.code as ProblemCode | undefined) ?? "unknown";
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const isProblem = /^application\/problem\+json/.test(response.headers.get("Content-Type") ?? "");
  const seconds = response.headers.get("Retry-After") ?? "";
  const retryAfterSeconds = /^\d{1,9}$/.test(seconds) ? Number(seconds) : null;
  return new ApiError(response.status, isProblem ? parsed(text) : null, retryAfterSeconds);
}

/** null for a document that was cut off. */
function parsed(text: string): Problem | null {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return null;
  }
}
