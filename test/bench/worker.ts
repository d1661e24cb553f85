// Entry of the bench Worker: one object, which a bench fills with one feature set and then asks to run operations.
import type { BenchObject } from "./object/bench-object.ts";

export { BenchObject } from "./object/bench-object.ts";

interface BenchEnv {
  readonly BENCH: DurableObjectNamespace<BenchObject>;
}

export default {
  fetch: (request, { BENCH }) => BENCH.get(BENCH.idFromName("bench")).fetch(request),
} satisfies ExportedHandler<BenchEnv>;
