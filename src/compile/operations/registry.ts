// Every operation of the intermediate graph, by its name.
import type { OperationSpec } from "./operation.ts";
import { attention, embed, layerNorm, linear } from "./rows.ts";

export const OPERATIONS: Readonly<Record<string, OperationSpec>> = {
  embed,
  "layer-norm": layerNorm,
  linear,
  attention,
};

export const operationOf = (name: string): OperationSpec | undefined =>
  Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
