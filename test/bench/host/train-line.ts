// One line of bench:train: the training of one feature set, compared with the peers. chart.ts parses it.
import type { PeerLine } from "./peers.ts";
import { rounded } from "./rounded.ts";

/** The result of the operations `fit` and `auto`; further fields are passed on. */
export interface TrainedResult {
  readonly seconds: number;
  readonly accuracy: number;
  readonly log_loss: number;
  /** Passes over the training rows. */
  readonly evaluations?: number;
}

export interface TrainRatios {
  /** Seconds of `fit`, divided by those of the faster of sklearn's LogisticRegression and torch. */
  readonly fit_to_fastest: number | null;
  readonly auto_to_fit: number | null;
  readonly auto_to_lrcv?: number | null | undefined;
  readonly auto_to_torch: number | null;
}

export interface TrainLine {
  readonly data: string;
  readonly n: number;
  readonly dims: number;
  readonly classes: number;
  readonly gradient_ms: number;
  /** null if the operation failed. */
  readonly fit: TrainedResult | null;
  readonly auto: TrainedResult | null;
  readonly add_one_ms: number | null;
  readonly add_one?: { readonly ms: number } | undefined;
  /** The most resident memory of a training above the idle workerd process; null if none ended, or without /proc. */
  readonly peak_mib: number | null;
  /** Bytes of the WASM heap after the operations. */
  readonly heap_mib: number | null;
  /** Bytes of the whole workerd process, at its peak. */
  readonly resident_mib: number;
  readonly peers?: readonly PeerLine[] | undefined;
  readonly ratios?: TrainRatios | undefined;
}

export function ratiosOf(
  fit: TrainedResult | null,
  auto: TrainedResult | null,
  peers: readonly PeerLine[],
): TrainRatios {
  const seconds = (name: string) => peers.find(({ peer }) => peer === name)?.seconds;
  const [lr, torch, lrcv] = ["lr", "torch", "lrcv"].map(seconds);
  return {
    fit_to_fastest: over(fit?.seconds, Math.min(lr ?? Number.POSITIVE_INFINITY, torch ?? Number.POSITIVE_INFINITY)),
    auto_to_fit: over(auto?.seconds, fit?.seconds),
    auto_to_lrcv: lrcv === undefined ? undefined : over(auto?.seconds, lrcv),
    auto_to_torch: over(auto?.seconds, torch),
  };
}

const over = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined || !Number.isFinite(b) ? null : rounded(a / b);
