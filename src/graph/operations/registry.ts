// Every operation by its name.
import type { OperationName } from "../../contract/bundle/operations.ts";
import { attention } from "./attention.ts";
import { conv } from "./conv.ts";
import { depthwise } from "./depthwise.ts";
import { add, multiply } from "./elementwise.ts";
import { embed } from "./embed.ts";
import { layerNorm } from "./layer-norm.ts";
import { linear } from "./linear.ts";
import { logMel } from "./log-mel.ts";
import { normalise } from "./normalise.ts";
import type { OperationSpec } from "./operation.ts";
import { pool } from "./pool.ts";
import { windowPool } from "./window-pool.ts";

type Registry = { readonly [Name in OperationName]: OperationSpec<Name> };

const OPERATIONS: Registry = {
  embed,
  "layer-norm": layerNorm,
  linear,
  attention,
  conv,
  depthwise,
  add,
  multiply,
  "window-pool": windowPool,
  pool,
  normalise,
  "log-mel": logMel,
};

/** Callers give it only nodes of its own name. */
export const operationNamed = (name: OperationName): OperationSpec => OPERATIONS[name] as unknown as OperationSpec;
