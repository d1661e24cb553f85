// The depths whose activations become parts of the feature: as the caller names them, and as the bundle describes them.
import type { BundleBlock, BundleTap } from "../../contract/bundle/bundle.ts";
import { POOLINGS, type Pooling } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import type { Lowered } from "../lower/lower.ts";

export interface TapRequest {
  readonly name: string;
  /** A block, a layer such as `layer 4`, a value of the source model, or null: the last value. */
  readonly place: string | null;
  readonly pooling: Pooling | null;
}

const isPooling = (text: string): text is Pooling => (POOLINGS as readonly string[]).includes(text);

/** Reads `[name=]place[:pooling]`. */
export function parseTap(text: string): TapRequest {
  const pooling = text.slice(text.lastIndexOf(":") + 1);
  const hasPooling = text.includes(":") && isPooling(pooling);
  const rest = hasPooling ? text.slice(0, -pooling.length - 1) : text;
  const equals = rest.indexOf("=");
  const place = rest.slice(equals + 1);
  return { name: equals < 0 ? place : rest.slice(0, equals), place, pooling: hasPooling ? pooling : null };
}

interface Places {
  readonly lowered: Lowered;
  readonly blocks: readonly BundleBlock[];
  /** What values of the source model are called in the lowered graph, where that differs. */
  readonly names: ReadonlyMap<string, string>;
}

export function resolveTap(
  { name, place, pooling }: TapRequest,
  { lowered, blocks, names }: Places,
  defaults: { readonly pooling: Pooling; readonly normalise: boolean },
): BundleTap {
  const value = place === null ? lowered.output : valueAt(names.get(place) ?? place, lowered, blocks);
  const shape = lowered.values.get(value)?.shape ?? [];
  const width = shape.at(-1);
  if (shape[0] !== "batch" || shape.length < 2 || typeof width !== "number")
    throw new CompileError(
      `tap "${name}"`,
      `its value "${value}" has the shape [${shape.join(", ")}]; it has no width`,
    );
  const kind = pooling ?? defaults.pooling;
  return {
    name,
    value,
    pooling: kind,
    normalise: defaults.normalise,
    dimension: kind === "mean-max" ? 2 * width : width,
  };
}

function valueAt(place: string, { values }: Lowered, blocks: readonly BundleBlock[]): string {
  const block = blocks.findLast(({ name }) => name === place || name.startsWith(`${place}/`));
  if (block) return block.output;
  if (values.has(place)) return place;
  const names = blocks.map(({ name }) => name).join(", ");
  throw new CompileError(`tap "${place}"`, `there is no such block or value; blocks: ${names}`);
}
