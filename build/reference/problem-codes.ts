// The problem codes that each operation can answer. The tests compare them with every answer of the service.
import { SCOPES } from "../../src/contract/common.ts";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";
import { PROBLEMS, type ProblemCode } from "../../src/core/problems.ts";

const codes = Object.keys(PROBLEMS) as ProblemCode[];

/** Codes of operations that store examples. */
const adds: readonly ProblemCode[] = ["conflict", "quota_exceeded", "overloaded", "backbone_unavailable"];
/** Codes of operations that begin a training. */
const trains: readonly ProblemCode[] = [
  "conflict",
  "job_running",
  "not_enough_examples",
  "head_too_large",
  "quota_exceeded",
  "backbone_unavailable",
];
/** Codes of operations that map a delivery. */
const maps: readonly ProblemCode[] = ["unmappable", "delivery_rejected", ...adds];

/** Codes that follow from what an operation does. Others follow from its declaration. */
const OWN: Partial<Record<Operation, readonly ProblemCode[]>> = {
  createTenant: ["conflict"],
  createTenantKey: ["quota_exceeded"],
  createKey: ["quota_exceeded"],
  createEndpoint: ["quota_exceeded"],
  testEndpoint: ["endpoint_disabled"],
  redeliver: ["endpoint_disabled"],
  createHead: ["conflict", "quota_exceeded", "head_too_large", "backbone_unavailable"],
  updateHead: ["conflict"],
  setPolicy: ["head_too_large"],
  listExamples: ["conflict"],
  exportExamples: ["conflict", "backbone_unavailable"],
  uploadExamples: adds,
  giveFeedback: adds,
  labelCapture: adds,
  startJob: trains,
  verifyVersion: ["job_ended", ...trains],
  cancelJob: ["job_ended"],
  importVersion: ["conflict", "head_mismatch", "head_too_large", "quota_exceeded", "overloaded"],
  deleteVersion: ["version_in_use"],
  predict: ["unreadable_input", "no_live_version", "overloaded", "backbone_unavailable"],
  rollback: ["conflict", "no_live_version"],
  createSource: ["quota_exceeded"],
  testSource: ["unmappable"],
  receiveDelivery: ["bad_signature", "stale_timestamp", ...maps],
  replayDelivery: ["not_replayable", ...maps],
};

const always: readonly ProblemCode[] = ["invalid_request", "misconfigured", "internal", "unavailable"];

function* declared({ route, access, changesNothing = false }: RouteEntry): Generator<ProblemCode> {
  yield* always;
  const isSigned = access === "signature";
  if (!isSigned) yield "unauthenticated";
  if (!isSigned && access !== "any") yield "forbidden";
  if (access !== "operator") yield "rate_limited";
  // The tenant may have been deleted in the meantime.
  if (route.path.includes("{") || SCOPES.some((scope) => scope === access)) yield "not_found";
  if (route.path.includes("{head}")) yield "head_broken";
  if (route.request?.body) yield* ["unsupported_media_type", "too_large"] as const;
  if (route.method !== "get" && !changesNothing) yield "storage_full";
  if (route.method === "post" && !isSigned && !changesNothing)
    yield* ["idempotency_running", "idempotency_mismatch"] as const;
}

/** The codes of an operation, in the order of the table; none for one that declares no problem. */
export function problemCodesOf(operation: Operation): ProblemCode[] {
  const entry: RouteEntry = ROUTES[operation];
  if (!("default" in entry.route.responses)) return [];
  const all = new Set([...declared(entry), ...(OWN[operation] ?? [])]);
  return codes.filter((code) => all.has(code));
}
