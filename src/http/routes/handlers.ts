// The handler of each operation of the contract.
import type { Operation } from "../../contract/routes.ts";
import type { Handlers } from "../request/call.ts";
import { captures } from "./captures.ts";
import { deliveries } from "./deliveries.ts";
import { endpoints } from "./endpoints.ts";
import { examples } from "./examples.ts";
import { heads } from "./heads.ts";
import { hooks } from "./hooks.ts";
import { jobs } from "./jobs.ts";
import { keys } from "./keys.ts";
import { operator } from "./operator.ts";
import { predict } from "./predict.ts";
import { sources } from "./sources.ts";
import { usage } from "./usage.ts";
import { versions } from "./versions.ts";

export const HANDLERS: Handlers<Operation> = {
  ...operator,
  ...keys,
  ...heads,
  ...examples,
  ...jobs,
  ...versions,
  ...predict,
  ...captures,
  ...usage,
  ...endpoints,
  ...sources,
  ...deliveries,
  ...hooks,
};
