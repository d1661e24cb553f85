// Loads a bundle: checks everything that can be checked before a run, then reads its weights into a memory of its own.
import type { Bundle } from "../contract/bundle/bundle.ts";
import { bundleForm } from "../contract/bundle/schema.ts";
import { sha256Hex } from "../core/bytes.ts";
import type { Clock } from "../core/clock.ts";
import type { MemoryBudget } from "../core/memory-budget.ts";
import { BundleProblem } from "./bundle-problem.ts";
import { Graph } from "./graph.ts";
import { Heap } from "./heap.ts";
import { checkOperations } from "./load/operations.ts";
import { checkTaps } from "./load/taps.ts";
import { placeWeights } from "./load/weights.ts";

export interface GraphHost {
  /** .build/kernels/graph.wasm, compiled. */
  readonly kernels: WebAssembly.Module;
  /** The budget that its memory counts in. */
  readonly memory: MemoryBudget;
  readonly now: Clock;
}

/** Throws `BundleProblem`, which names the operation or weight, if the bundle is malformed or one of its pieces was changed. */
export async function loadBundle(
  bundle: Bundle,
  readPiece: (piece: number) => Promise<Uint8Array<ArrayBuffer>>,
  { kernels, memory, now }: GraphHost,
): Promise<Graph> {
  checkForm(bundle);
  const { weights, pieces, end } = placeWeights(bundle);
  if (end > memory.capacity)
    throw new BundleProblem("weights", `they take ${mebibytes(end)} MiB; at most ${mebibytes(memory.capacity)} fit`);
  const steps = checkOperations(bundle, weights);
  checkTaps(bundle);
  const heap = new Heap(kernels, end);
  for (const { piece, address } of pieces) heap.write(address, await checkPiece(bundle, piece, await readPiece(piece)));
  return new Graph({ bundle, heap, steps, end, memory, now });
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

/** The bytes of a piece. Throws `BundleProblem` unless they are those that the bundle was made with. */
export async function checkPiece(
  { pieces }: Bundle,
  piece: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const stated = pieces[piece];
  if (bytes.length !== stated?.bytes)
    throw new BundleProblem(`piece ${piece}`, `it has ${bytes.length} bytes, not ${stated?.bytes}`);
  if ((await sha256Hex(bytes)) !== stated.sha256) throw new BundleProblem(`piece ${piece}`, "its digest is different");
  return bytes;
}

/** Refuses what is not a bundle at all. Names the operation in which the first problem is. */
function checkForm(bundle: Bundle): void {
  const { error } = bundleForm().safeParse(bundle);
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const [part, at] = issue.path;
  const operation = part === "operations" && typeof at === "number" ? bundle.operations[at] : undefined;
  const path = issue.path.map(String).join(".");
  const place = operation ? `operation "${operation.name}" (${operation.op}), ${path}` : path || "bundle.json";
  throw new BundleProblem(place, issue.message);
}
