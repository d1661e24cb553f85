// The form of `bundle.json`, which is checked before anything of a bundle is used. Unknown operations and attributes are refused.
import { z } from "@hono/zod-openapi";
import { later } from "../common.ts";
import { WEIGHT_FORMATS } from "./bundle.ts";
import { ACTIVATIONS, type OperationAttributes, type OperationName, POOLINGS } from "./operations.ts";

const MOST_OF_A_KIND = 10_000;
/** A slot is a place in a plan of memory. Each one may be as large as a value. */
const MOST_SLOTS = 1_000;
const MOST_DIMENSIONS = 4;

const name = z.string().min(1).max(500);
const count = z.int().nonnegative();
const positive = z.int().positive();
/** Places of a window. Kernels compute with them in 32 bits. */
const MOST_PLACES = 65_535;
const places = positive.max(MOST_PLACES);
const pad = count.max(MOST_PLACES);
const pair = z.tuple([places, places]);
const names = (most: number) => z.array(name).max(most);
const named = <Value extends z.ZodType>(value: Value) => z.record(name, value);

const activation = { activation: z.enum(ACTIVATIONS) };
const epsilon = { epsilon: z.number().nonnegative() };
const window = { kernel: pair, strides: pair, dilations: pair, pads: z.tuple([pad, pad, pad, pad]) };

const ATTRIBUTES: { readonly [Name in OperationName]: Record<keyof OperationAttributes[Name], z.ZodType> } = {
  embed: { firstPosition: count },
  "layer-norm": epsilon,
  linear: activation,
  attention: { heads: positive, scale: z.number() },
  conv: { ...window, ...activation },
  depthwise: { ...window, ...activation },
  add: activation,
  multiply: activation,
  "window-pool": { ...window, kind: z.enum(["mean", "max"]) },
  pool: { kind: z.enum(POOLINGS) },
  normalise: epsilon,
  "log-mel": { frameLength: positive, hopLength: positive, fftLength: positive, offset: z.number() },
};

const operationForm = (op: string, attributes: Readonly<Record<string, z.ZodType>>) =>
  z.strictObject({
    op: z.literal(op),
    name,
    inputs: names(3).min(1),
    output: name,
    weights: named(name),
    attributes: z.strictObject(attributes),
    block: name,
  });

type Form = ReturnType<typeof operationForm>;
const operationForms = (): [Form, ...Form[]] =>
  Object.entries(ATTRIBUTES).map(([op, attributes]) => operationForm(op, attributes)) as [Form, ...Form[]];

const size = z.union([positive, z.literal("batch"), z.literal("tokens")]);

/** What the runtime reads of a bundle. Preprocessing, source and loss are for others. */
export const bundleForm = later(() =>
  z.object({
    format: z.literal(1),
    inputs: names(1).min(1),
    values: named(
      z.strictObject({
        shape: z.array(size).min(2).max(MOST_DIMENSIONS),
        type: z.enum(["f32", "ids"]),
        slot: count.max(MOST_SLOTS),
      }),
    ),
    operations: z.array(z.discriminatedUnion("op", operationForms())).max(MOST_OF_A_KIND),
    weights: named(
      z.strictObject({
        format: z.enum(WEIGHT_FORMATS),
        shape: z.array(positive).min(1).max(2),
        offset: count,
        bytes: positive,
      }),
    ),
    pieces: z.array(z.strictObject({ bytes: positive, sha256: z.string() })).max(MOST_OF_A_KIND),
    taps: z.array(
      z.strictObject({ name, value: name, pooling: z.enum(POOLINGS), normalise: z.boolean(), dimension: positive }),
    ),
  }),
);
