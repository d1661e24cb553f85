// Alternative libraries on the same features: ../shared/peers/train_heads.py, one process at a time.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { median } from "../median.ts";
import { root } from "./bundle.ts";
import { PYTHON } from "./python.ts";

/** A line of output of train_heads.py. */
export interface PeerLine {
  readonly peer: string;
  readonly seconds: number;
  readonly accuracy: number;
  readonly log_loss: number;
  readonly evaluations?: number;
  /** torch: its regularisation, and the final training objective. */
  readonly l2?: number;
  readonly objective?: number;
  /** sklearn: the inverse of its regularisation. */
  readonly c?: number;
}

/** The peers of a feature set: all run once, and those that take seconds run again, in turns with ours. */
export interface Peers {
  readonly lines: readonly PeerLine[];
  again(): readonly PeerLine[];
}

const SINGLE_FITS = ["lr", "torch"];
/** Longer runs are made once, because changes of the machine's speed average out within minutes. */
const REPEATED_BELOW_SECONDS = 10;

export function peersBeside(folder: string, lines: readonly PeerLine[]): Peers {
  const short = lines.filter(({ peer, seconds }) => SINGLE_FITS.includes(peer) && seconds < REPEATED_BELOW_SECONDS);
  const names = short.map(({ peer }) => peer);
  return { lines, again: () => (names.length === 0 ? [] : runPeers(folder, names)) };
}

/** Each peer with the median of its seconds. */
export function middleOfPeers(first: readonly PeerLine[], more: readonly PeerLine[]): PeerLine[] {
  const secondsOf = (name: string): number[] =>
    [...first, ...more].flatMap((line) => (line.peer === name ? [line.seconds] : []));
  return first.map((line) => ({ ...line, seconds: median(secondsOf(line.peer)) }));
}

const script = join(root, "../shared/peers/train_heads.py");
const ALL_C = [0.01, 0.1, 1, 10, 100];

/** The output of the peers. It is empty, with a message, if the peers or their requirements are missing. */
export function runPeers(folder: string, names: readonly string[], flags: readonly string[] = []): PeerLine[] {
  if (!existsSync(script)) return skipped("../shared/peers/train_heads.py is absent");
  const run = spawnSync(PYTHON, [script, folder, "--peers", names.join(","), ...flags], { encoding: "utf8" });
  if (run.error) return skipped(String(run.error));
  const lines = run.stdout.split("\n").filter((line) => line.startsWith("{"));
  if (run.status !== 0) skipped(run.stderr.trim().split("\n").at(-1) ?? `status ${run.status}`);
  return lines.map((line) => JSON.parse(line) as PeerLine);
}

function skipped(why: string): PeerLine[] {
  console.error(`peers are skipped: ${why}`);
  return [];
}

/** sklearn with the C that is best on the test rows, which is optimistic. It is reported as the peer "lr_best". */
export function bestLogisticRegression(folder: string): PeerLine[] {
  const lines = ALL_C.flatMap((c) => runPeers(folder, ["lr"], ["--c", String(c)]));
  const [best] = lines.sort((a, b) => a.log_loss - b.log_loss);
  return best ? [{ ...best, peer: "lr_best" }] : [];
}
