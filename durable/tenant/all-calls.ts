// Every table of calls that a tenant's object answers.
import { keyCalls, recordCalls } from "./calls.ts";
import { deliveryCalls, endpointCalls } from "./endpoint-calls.ts";
import { registryCalls } from "./head-registry.ts";
import { meteringCalls } from "./metering.ts";

export const TENANT_CALLS = {
  ...recordCalls,
  ...keyCalls,
  ...registryCalls,
  ...endpointCalls,
  ...deliveryCalls,
  ...meteringCalls,
};
