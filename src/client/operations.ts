// One method for each operation of the contract, under the operation's id.
import type { Operation } from "../contract/routes.ts";
import { accountCalls } from "./account.ts";
import type { Api } from "./api.ts";
import { endpointCalls } from "./endpoints.ts";
import { exampleCalls } from "./examples.ts";
import { headCalls } from "./heads.ts";
import { jobCalls } from "./jobs.ts";
import { operatorCalls } from "./operator.ts";
import { predictionCalls } from "./predictions.ts";
import { deliveryCalls, sourceCalls } from "./sources.ts";
import { versionCalls } from "./versions.ts";

export const operations = (api: Api) => ({
  ...operatorCalls(api),
  ...accountCalls(api),
  ...headCalls(api),
  ...exampleCalls(api),
  ...jobCalls(api),
  ...versionCalls(api),
  ...predictionCalls(api),
  ...sourceCalls(api),
  ...deliveryCalls(api),
  ...endpointCalls(api),
});

/** Does not compile if an operation has no method, or if a method has the name of no operation. */
type Complete<T extends Record<Operation, unknown> & Record<Exclude<keyof T, Operation>, never>> = T;
export type Operations = Complete<ReturnType<typeof operations>>;
