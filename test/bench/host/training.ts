// One feature set through the operations of the object, each in a separate process: medians of three that take turns, also with
// the peers, so that a slow minute of the machine affects all; and the most memory of any of them.
import { median } from "../median.ts";
import { type Bench, type Ran, startBench } from "./bench.ts";
import { type FeatureSet, openFeatureSet } from "./feature-set.ts";
import { middleOfPeers, type PeerLine, type Peers } from "./peers.ts";
import { rounded } from "./rounded.ts";
import { ratiosOf, type TrainedResult, type TrainLine } from "./train-line.ts";

const BYTES_PER_MIB = 2 ** 20;

/** `peers`: null if not requested. torch's final objective is the target of `fit`. */
export async function trainOn(folder: string, peers: Peers | null): Promise<TrainLine> {
  const set = openFeatureSet(folder);
  const bench = await startBench(set);
  try {
    return await lineOf(set, bench, peers);
  } finally {
    await bench.stop();
  }
}

async function lineOf(set: FeatureSet, bench: Bench, beside: Peers | null): Promise<TrainLine> {
  for (const arrangement of ["one", "folds"]) await bench.run("arrange", { arrangement });
  const { fit, auto, peers } = await train(bench, beside ?? { lines: [], again: () => [] });
  const addOne = await attempt<{ ms: number }>(bench, "add_one");
  // Last, and excluded from the memory: it loads all rows at once, beyond the training's budget.
  const gradient = await bench.run<{ ms: number[] }>("gradient", { method: "ours", repetitions: 15 });
  return {
    data: set.name,
    n: set.rows.train,
    dims: set.dims,
    classes: set.classes,
    gradient_ms: rounded(median(gradient.result.ms)),
    fit: fit?.result ?? null,
    auto: auto?.result ?? null,
    add_one_ms: addOne ? rounded(addOne.result.ms) : null,
    add_one: addOne?.result,
    ...memoryOf([fit, auto]),
    peers: beside ? peers : undefined,
    ratios: beside ? ratiosOf(fit?.result ?? null, auto?.result ?? null, peers) : undefined,
  };
}

/** An operation in a separate process. */
type Alone<T> = Ran<T> & { readonly idleBytes: number | null };

/** A failed operation leaves a gap in the line, a message, and a failed process, but never a figure. */
async function attempt<T>(bench: Bench, op: string, params: object = {}): Promise<Alone<T> | null> {
  try {
    const idleBytes = await bench.fresh();
    return { ...(await bench.run<T>(op, params)), idleBytes };
  } catch (error) {
    console.error(`${op}: ${(error as Error).message.split("\n")[0]}`);
    process.exitCode = 1;
    return null;
  }
}

const RUNS = 3;

interface Trained {
  readonly fit: Alone<FitResult> | null;
  readonly auto: Alone<TrainedResult> | null;
  readonly peers: readonly PeerLine[];
}

async function train(bench: Bench, { lines, again }: Peers): Promise<Trained> {
  const aim = await aimOf(bench, lines);
  if (!aim) return { fit: null, auto: null, peers: lines };
  const [fits, autos]: [Trained["fit"][], Trained["auto"][]] = [[], []];
  const more: PeerLine[] = [];
  for (let run = 0; run < RUNS; run++) {
    fits.push(await attempt<FitResult>(bench, "fit", aim));
    autos.push(await attempt<TrainedResult>(bench, "auto"));
    if (run + 1 < RUNS) more.push(...again());
  }
  return { fit: reaching(aim, middleOf(fits)), auto: middleOf(autos), peers: middleOfPeers(lines, more) };
}

/** The median of a few runs, with the most memory of any of them; null if one failed. */
function middleOf<T extends TrainedResult>(runs: readonly (Alone<T> | null)[]): Alone<T> | null {
  const ran = runs.filter((one) => one !== null);
  if (ran.length < runs.length) return null;
  const [middle] = ran.toSorted((a, b) => a.result.seconds - b.result.seconds).slice(RUNS >> 1) as [Alone<T>];
  const most = ran.toSorted((a, b) => beyondIdle(b) - beyondIdle(a))[0] as Alone<T>;
  return { ...middle, peakBytes: most.peakBytes, idleBytes: most.idleBytes };
}

/** Half of the last digit in the peer's output of its objective. */
const PRINTED_TO = 5e-7;

/** The parameters of a fit: the torch peer's objective, and its final value as the target, if there is one. */
interface Aim {
  readonly l2?: number | undefined;
  readonly objective?: number;
  readonly target?: number;
}

/**
 * The torch peer's final objective on unchanged features. Ours are stored in 16 bits, which changes the objective by about a
 * millionth for any weights. A first fit in a separate process measures that difference. null: it failed.
 */
async function aimOf(bench: Bench, peers: readonly PeerLine[]): Promise<Aim | null> {
  const torch = peers.find(({ peer }) => peer === "torch");
  if (torch?.objective === undefined) return {};
  const { l2, objective } = torch;
  const first = await attempt<FitResult>(bench, "fit", { l2 });
  return first && { l2, objective, target: objective + PRINTED_TO + first.result.shift };
}

function reaching({ objective }: Aim, fit: Trained["fit"]): Trained["fit"] {
  if (fit && objective !== undefined && fit.result.objective > objective + 2 * PRINTED_TO)
    throw new Error(`The fit ended at ${fit.result.objective}, above ${objective}: its seconds are no figure`);
  return fit;
}

/** `objective` is that of the unchanged features; `shift`: the difference of the minimised objective to it. */
type FitResult = TrainedResult & { readonly objective: number; readonly shift: number };

/** Memory of the training above the idle process: everything resident, including uncollected garbage. */
function memoryOf(ran: readonly (Alone<unknown> | null)[]) {
  const runs = ran.filter((one) => one !== null);
  const beyond = runs.filter(({ peakBytes, idleBytes }) => peakBytes !== null && idleBytes !== null).map(beyondIdle);
  return {
    peak_mib: beyond.length === 0 ? null : mib(Math.max(...beyond)),
    heap_mib: runs.length === 0 ? null : mib(Math.max(...runs.map(({ heapBytes }) => heapBytes))),
    resident_mib: mib(Math.max(0, ...runs.map(({ peakBytes }) => peakBytes ?? 0))),
  };
}

const beyondIdle = ({ peakBytes, idleBytes }: Alone<unknown>): number => (peakBytes ?? 0) - (idleBytes ?? 0);

const mib = (bytes: number): number => rounded(bytes / BYTES_PER_MIB, 1);
