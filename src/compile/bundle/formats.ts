// Decides in which format each weight is stored.
import type { WeightFormat } from "../../contract/bundle/bundle.ts";
import { CompileError } from "../compile-error.ts";
import type { FusedName } from "../graph.ts";
import { INT4_GROUP } from "./rows.ts";

export const PRODUCT_WEIGHTS = ["int8", "f16", "f32"] as const;
export const TABLE_WEIGHTS = ["int4", "int8", "f16", "f32"] as const;

export interface Formats {
  /** Of the matrices of products. */
  readonly products: (typeof PRODUCT_WEIGHTS)[number];
  /** Of the tables of embeddings. */
  readonly tables: (typeof TABLE_WEIGHTS)[number];
  /** Names of operations whose products are float16, because fewer bits would cost too much. */
  readonly finer?: ReadonlySet<string>;
}

export const EXACT: Formats = { products: "f32", tables: "f32" };

/** The operation that has the weight, and the width of the weight if it is a matrix. */
export interface WeightPlace {
  readonly op: FusedName;
  readonly name: string;
  readonly width: number;
}

export const isProduct = (op: string): boolean => op === "linear" || op === "conv";

export function formatOf({ op, name, width }: WeightPlace, role: string, formats: Formats): WeightFormat {
  if (isProduct(op) && role === "weight") return formats.finer?.has(name) ? "f16-panels" : `${formats.products}-panels`;
  if (role === "dft") return "int8-panels";
  if (role === "positions") return formats.tables === "f32" ? "f32-rows" : "f16-rows";
  if (role !== "table") return "f32";
  if (formats.tables === "int4" && width % INT4_GROUP !== 0)
    throw new CompileError(
      `operation "${name}"`,
      `int4 needs rows of a multiple of ${INT4_GROUP} numbers, not ${width}`,
    );
  return `${formats.tables}-rows`;
}
