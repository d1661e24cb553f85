// The cut: the recalibrated probability at which a label is answered. One for all labels, chosen on held-out rows.
import { isSet, sigmoid } from "../heads/sigmoid.ts";
import { type Recalibration, slopeOf } from "./recalibration.ts";

/** Number of cuts compared: hundredths. */
const CUTS = 100;

export interface CutSums {
  rows: number;
  /** Label-row pairs with the label. */
  support: number;
  /** [CUTS][pairs without, pairs with the label], by recalibrated probability. */
  readonly pairs: Float64Array;
  /** [CUTS + 1]: number of rows whose set becomes exact at this cut, minus those whose set stops being exact. */
  readonly exact: Int32Array;
}

export const emptyCuts = (): CutSums => ({
  rows: 0,
  support: 0,
  pairs: new Float64Array(2 * CUTS),
  exact: new Int32Array(CUTS + 1),
});

/** Adds row `r` of the sets, with logits `z` [labels], at inverse temperature β, in place. */
export function addToCuts(
  sums: CutSums,
  recalibration: Recalibration,
  z: Float32Array | Float64Array,
  sets: Uint8Array,
  r: number,
  beta: number,
): void {
  // A set is exact at cuts above all labels that the row lacks, up to the lowest label that it has.
  let [above, upTo] = [-1, CUTS - 1];
  for (let k = 0; k < z.length; k++) {
    const logit = slopeOf(recalibration, k) * beta * (z[k] as number) + (recalibration.offsets[k] as number);
    const cut = Math.min(CUTS - 1, Math.floor(CUTS * sigmoid(logit)));
    const has = isSet(sets, r, k, z.length);
    sums.pairs[2 * cut + (has ? 1 : 0)] = (sums.pairs[2 * cut + (has ? 1 : 0)] as number) + 1;
    if (has) upTo = Math.min(upTo, cut);
    else above = Math.max(above, cut);
    if (has) sums.support++;
  }
  if (above < upTo) {
    sums.exact[above + 1] = (sums.exact[above + 1] as number) + 1;
    sums.exact[upTo + 1] = (sums.exact[upTo + 1] as number) - 1;
  }
  sums.rows++;
}

/** The metrics of a cut. */
interface Figures {
  readonly cut: number;
  readonly microF1: number;
  readonly subsetAccuracy: number;
}

/**
 * A cut is never above one half. One half is optimal for exact sets, and half of the best F1 is optimal for F1 (Lipton, Elkan &
 * Naryanaswamy 2014).
 */
const HIGHEST = CUTS / 2;
/** Least share of the best micro-F1 to keep; the rest may be traded for sets that are exact more often. */
const MICRO_F1_KEPT = 0.88;
/** Cuts on each side over which subset accuracy is averaged. */
const SMOOTHED_OVER = 2;
/** Standard errors within which a subset accuracy counts as the best. Of these cuts the highest is taken. */
const ERRORS_ALLOWED = 0.5;

/** The chosen cut; one half if no cut finds any label of the held-out rows. */
export function bestCut(sums: CutSums): number {
  const figures = figuresOf(sums);
  const bestF1 = Math.max(...figures.map(({ microF1 }) => microF1));
  if (!(bestF1 > 0)) return 0.5;
  const allowed = figures.filter(({ microF1 }) => microF1 >= MICRO_F1_KEPT * bestF1);
  const best = Math.max(...allowed.map(({ subsetAccuracy }) => subsetAccuracy));
  const least = best - ERRORS_ALLOWED * Math.sqrt((best * (1 - best)) / sums.rows);
  return allowed.findLast(({ subsetAccuracy }) => subsetAccuracy >= least)?.cut ?? 0.5;
}

/** Metrics of the cuts from one hundredth to one half. */
function figuresOf(sums: CutSums): Figures[] {
  const microF1 = microF1ByCut(sums);
  const exact = exactByCut(sums);
  return Array.from({ length: HIGHEST }, (_, i) => {
    const cut = i + 1;
    const around = exact.slice(Math.max(0, cut - SMOOTHED_OVER), cut + SMOOTHED_OVER + 1);
    const subsetAccuracy = around.reduce((a, b) => a + b, 0) / (around.length * Math.max(1, sums.rows));
    return { cut: cut / CUTS, microF1: microF1[cut] as number, subsetAccuracy };
  });
}

function microF1ByCut({ pairs, support }: CutSums): number[] {
  const byCut = new Array<number>(CUTS).fill(0);
  let [hits, predicted] = [0, 0];
  for (let cut = CUTS - 1; cut >= 0; cut--) {
    hits += pairs[2 * cut + 1] as number;
    predicted += (pairs[2 * cut] as number) + (pairs[2 * cut + 1] as number);
    byCut[cut] = support + predicted === 0 ? 0 : (2 * hits) / (support + predicted);
  }
  return byCut;
}

function exactByCut({ exact }: CutSums): number[] {
  let rows = 0;
  return Array.from(exact.subarray(0, CUTS), (change) => {
    rows += change;
    return rows;
  });
}
