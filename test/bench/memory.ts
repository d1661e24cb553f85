// npm run bench:memory [-- --labels 400 --per-label 5]: three text heads that train at once and two uploads, in one isolate: the
// most that they reserved of its budget, the WASM heap, and what they made resident beyond the idle process.
import { parseArgs } from "node:util";
import { rounded } from "./host/rounded.ts";
import { measureSharedMemory } from "./host/shared-memory.ts";

const { values } = parseArgs({
  options: { labels: { type: "string", default: "400" }, "per-label": { type: "string", default: "5" } },
});
const mib = (bytes: number | null): number | null => (bytes === null ? null : rounded(bytes / 2 ** 20, 1));

const { budget, residentBytes, seconds, ...told } = await measureSharedMemory(
  Number(values.labels),
  Number(values["per-label"]),
  {},
);
console.log(
  JSON.stringify({
    seconds: rounded(seconds),
    budget_peak_mib: mib(budget.peak),
    budget_mib: mib(budget.capacity),
    in_use_after_mib: mib(budget.in_use),
    heap_mib: mib(budget.heap_bytes),
    resident_mib: mib(residentBytes),
    ...told,
  }),
);
