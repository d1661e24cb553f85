// The weights that this isolate has cached. Keyed by digest, so tenants share them.
import { isolateMemory } from "../../core/memory-budget.ts";
import { WeightCache } from "../../serving/weights.ts";

export const isolateWeights = new WeightCache(isolateMemory);
