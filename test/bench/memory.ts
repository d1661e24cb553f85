// npm run bench:memory [-- --labels 400 --per-label 5]: three text heads that train at once during two uploads, in one isolate:
// their peak reservation of the budget, the WASM heap, the memory of the isolate and the resident memory, above idle.
// npm run bench:memory -- --labels 1000 --texts 10 [--recipe linear] [--fresh]: one text head with this many labels and texts
// for each. --fresh: a new process starts between the upload and the training.
import { parseArgs } from "node:util";
import type { RecipeName } from "../../src/contract/recipes.ts";
import { measureLargeTextHead } from "./host/large-text-head.ts";
import { rounded } from "./host/rounded.ts";
import { measureSharedMemory } from "./host/shared-memory.ts";

const { values } = parseArgs({
  options: {
    labels: { type: "string", default: "400" },
    "per-label": { type: "string", default: "5" },
    texts: { type: "string" },
    fresh: { type: "boolean", default: false },
    recipe: { type: "string", default: "linear" },
  },
});
const mib = (bytes: number | null): number | null => (bytes === null ? null : rounded(bytes / 2 ** 20, 1));
const labels = Number(values.labels);

console.log(JSON.stringify(values.texts === undefined ? await ofSharedMemory() : await ofLargeHead(values.texts)));

async function ofSharedMemory(): Promise<object> {
  const { budget, bufferBytes, isolateBytes, residentBytes, seconds, ...told } = await measureSharedMemory(
    labels,
    Number(values["per-label"]),
    {},
  );
  return {
    seconds: rounded(seconds),
    budget_peak_mib: mib(budget.peak),
    budget_mib: mib(budget.capacity),
    in_use_after_mib: mib(budget.in_use),
    heap_mib: mib(budget.heap_bytes),
    buffers_and_heap_mib: mib(bufferBytes),
    isolate_mib: mib(isolateBytes),
    resident_mib: mib(residentBytes),
    ...told,
  };
}

async function ofLargeHead(texts: string): Promise<object> {
  const recipe = values.recipe as RecipeName;
  const measured = await measureLargeTextHead(labels, Number(texts), { recipe, promote: "always" }, values.fresh);
  const phases = Object.entries(measured.peakByPhase).map(([phase, bytes]) => [phase, mib(bytes)]);
  return {
    labels,
    recipe,
    fresh: values.fresh,
    rows: measured.rows,
    status: measured.status,
    upload_seconds: rounded(measured.uploadSeconds),
    train_seconds: rounded(measured.trainSeconds),
    upload_peak_mib: mib(measured.uploadPeakBytes),
    buffers_and_heap_mib: mib(measured.bufferBytes),
    isolate_mib: mib(measured.isolateBytes),
    resident_mib: mib(measured.peakBytes),
    resident_mib_by_phase: Object.fromEntries(phases),
    heap_mib: mib(measured.heapBytes),
    accuracy: measured.accuracy,
    predicted_right: measured.predictedRight,
    export_mib: mib(measured.exportBytes),
  };
}
