// Operation `gradient`: one full gradient of a linear softmax head's mean cross-entropy over the rows of `train`, timed.
// {method: "ours" | "ours_rough" | "ours_single" | "autodiff" | "products", repetitions} → {ms: [each], loss, norm}; loss and
// norm show whether all methods computed the same.
import type { StoredSet } from "../object/stored-set.ts";
import { prepareAutodiff } from "./gradient-autodiff.ts";
import { prepareOurs, prepareOursRough, prepareOursSingle } from "./gradient-ours.ts";
import { prepareProducts } from "./gradient-products.ts";
import { numberIn, type Operation, type Params } from "./operation.ts";
import type { LossGradient, Prepared } from "./prepared.ts";
import { repeated } from "./timing.ts";

const METHODS: Readonly<Record<string, (stored: StoredSet) => Prepared>> = {
  ours: prepareOurs,
  ours_rough: prepareOursRough,
  ours_single: prepareOursSingle,
  autodiff: prepareAutodiff,
  products: prepareProducts,
};

export const gradient: Operation = (stored: StoredSet, params: Params) => {
  const prepare = METHODS[String(params.method ?? "ours")];
  if (!prepare) throw new Error(`"method" must be one of ${Object.keys(METHODS).join(", ")}`);
  const prepared = prepare(stored);
  try {
    const { ms, result } = repeated(numberIn(params, "repetitions", 15), () => prepared.gradient());
    return { ms, loss: result.loss, norm: normOf(result) / stored.rows("train").reduce((a, b) => a + b, 0) };
  } finally {
    prepared.dispose();
  }
};

function normOf({ weights, bias }: LossGradient): number {
  let sum = 0;
  for (const values of [weights, bias]) for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}
