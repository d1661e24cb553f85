// The closed table of all expected failures, and the value that carries one. Inside the service a `Fault` is thrown. Across RPC
// it travels as an `Outcome`, because error classes and fields do not survive the call.
import { isInterrupted } from "./turns.ts";

/** Every stable `code` of the wire, with its HTTP status and title. Adding one changes the contract. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: "The request is malformed" },
  unauthenticated: { status: 401, title: "A valid key is needed" },
  bad_signature: { status: 401, title: "The signature does not match" },
  stale_timestamp: { status: 401, title: "The timestamp is outside the allowed window" },
  forbidden: { status: 403, title: "The key's scope does not allow this" },
  not_found: { status: 404, title: "The resource does not exist" },
  method_not_allowed: { status: 405, title: "This path does not support the method" },
  conflict: { status: 409, title: "The request conflicts with the current state" },
  version_in_use: { status: 409, title: "The version is in use" },
  job_running: { status: 409, title: "A job is queued or running" },
  job_ended: { status: 409, title: "The job has ended" },
  no_live_version: { status: 409, title: "The head has no live version" },
  head_mismatch: { status: 409, title: "The file does not match the head" },
  endpoint_disabled: { status: 409, title: "The endpoint is disabled" },
  idempotency_running: { status: 409, title: "The first request with this key is still running" },
  too_large: { status: 413, title: "The request is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported here" },
  idempotency_mismatch: { status: 422, title: "The idempotency key was used with another request" },
  not_enough_examples: { status: 422, title: "There are too few examples" },
  unreadable_input: { status: 422, title: "An input cannot be read" },
  unmappable: { status: 422, title: "The mapping does not match the payload" },
  delivery_rejected: { status: 422, title: "The head rejects the mapped examples" },
  not_replayable: { status: 409, title: "There is nothing to replay" },
  head_too_large: { status: 422, title: "The head would be too large" },
  rate_limited: { status: 429, title: "Too many requests" },
  quota_exceeded: { status: 429, title: "A quota is used up" },
  storage_full: { status: 507, title: "The storage is full" },
  overloaded: { status: 503, title: "Not enough memory is free at the moment" },
  unavailable: { status: 503, title: "Part of the service is unavailable" },
  backbone_unavailable: { status: 503, title: "The backbone is unavailable" },
  misconfigured: { status: 500, title: "The service is not configured" },
  head_broken: { status: 500, title: "The head cannot be read" },
  internal: { status: 500, title: "An internal error occurred" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** One bad field: an RFC 6901 pointer into the request, and how to correct it. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** An expected failure as plain data. */
export interface FaultData {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** More members of the problem document, such as the id of the job that blocks the request. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Methods that the path supports, for the Allow header of a 405. */
  readonly allow?: readonly string[];
  /** Seconds after which a retry may succeed, for the Retry-After header of a 429 or a 503. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure, thrown to the one place that renders it. */
export class Fault extends Error {
  readonly data: FaultData;

  constructor(code: ProblemCode, detail: string, more: Omit<FaultData, "code" | "detail"> = {}) {
    super(detail);
    this.name = "Fault";
    this.data = { code, detail, ...more };
  }

  static from(data: FaultData): Fault {
    const { code, detail, ...more } = data;
    return new Fault(code, detail, more);
  }
}

/** The expected failure behind an error; null for a bug. PLATFORM: SQLite's errors can be recognised only by their message. */
export function faultBehind(error: unknown): Fault | null {
  if (error instanceof Fault) return error;
  if (isInterrupted(error, "head_deleted")) return new Fault("not_found", "The head was deleted");
  if (!String(error).includes("SQLITE_FULL")) return null;
  const detail = "The storage of this head or tenant is full: delete examples, versions or heads, and retry";
  return new Fault("storage_full", detail);
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: FaultData };

/** Runs `work` and turns a thrown `Fault` into a value that survives RPC. Any other error is a bug and is rethrown. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const fault = faultBehind(error);
    if (fault) return { ok: false, fault: fault.data };
    throw error;
  }
}

/** The value of an outcome. Throws its fault again on this side of the call. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw Fault.from(outcome.fault);
}
