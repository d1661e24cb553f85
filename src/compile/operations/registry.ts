// Every operation of the intermediate graph, by its name.
import { CONVOLUTIONS } from "./convolutions.ts";
import { ELEMENTWISE } from "./functions.ts";
import { IMAGES } from "./images.ts";
import { JOINS } from "./joins.ts";
import { MATRICES } from "./matrices.ts";
import { MOVEMENTS } from "./movement.ts";
import type { OperationSpec } from "./operation.ts";
import { RANGES } from "./ranges.ts";
import { attention, embed, layerNorm, linear } from "./rows.ts";
import { logMel } from "./sounds.ts";
import { VIEWS } from "./views.ts";

export const OPERATIONS: Readonly<Record<string, OperationSpec>> = {
  ...ELEMENTWISE,
  ...MOVEMENTS,
  ...VIEWS,
  ...JOINS,
  ...RANGES,
  ...MATRICES,
  ...CONVOLUTIONS,
  ...IMAGES,
  embed,
  "layer-norm": layerNorm,
  linear,
  attention,
  "log-mel": logMel,
};

export const operationOf = (name: string): OperationSpec | undefined =>
  Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
