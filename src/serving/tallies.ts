// Counts a Worker's answers until it reports them to the head's object. Predictions never wait for it.
import type { Prediction } from "../contract/predict.ts";
import type { CapturedInput, LoggedPrediction, ServingReport, VersionTally } from "../contract/serving-rpc.ts";
import { LIMITS } from "../core/limits.ts";
import { bestScoreOf, figureOf, hasAbstained, labelsOf } from "./prediction-forms.ts";

/** Bins of the best score, of equal width over 0 to 1. */
export const SCORE_BINS = 20;

export const emptyTally = (version: number): VersionTally => ({
  version,
  requests: 0,
  predictions: 0,
  scoreSum: 0,
  abstentions: 0,
  compared: 0,
  agreed: 0,
  scores: new Array<number>(SCORE_BINS).fill(0),
  labels: new Map(),
  measures: [],
});

export const scoreBin = (score: number): number => Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));

/** Adds one prediction, in place. */
export function addPrediction(tally: VersionTally, prediction: Prediction): void {
  tally.predictions++;
  tally.scoreSum += figureOf(prediction);
  const score = bestScoreOf(prediction);
  if (score === null) return;
  const bin = scoreBin(score);
  tally.scores[bin] = (tally.scores[bin] as number) + 1;
  if (hasAbstained(prediction)) tally.abstentions++;
  for (const label of labelsOf(prediction)) tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1);
}

/** Adds `from` to `to`, in place: a report that did not arrive, or the counts of an object so far. */
export function addTally(to: VersionTally, from: VersionTally): VersionTally {
  for (const name of ["requests", "predictions", "scoreSum", "abstentions", "compared", "agreed"] as const) {
    to[name] += from[name];
  }
  from.scores.forEach((count, bin) => {
    to.scores[bin] = (to.scores[bin] as number) + count;
  });
  for (const [label, count] of from.labels) to.labels.set(label, (to.labels.get(label) ?? 0) + count);
  to.measures.push(...from.measures);
  return to;
}

/** Tallies and captures of one head. */
export class Tallies {
  readonly #byVersion = new Map<number, VersionTally>();
  #captures: CapturedInput[] = [];
  #capturedChars = 0;
  #logged: LoggedPrediction[] = [];
  #loggedChars = 0;
  #measured = 0;

  of(version: number): VersionTally {
    const tally = this.#byVersion.get(version) ?? emptyTally(version);
    this.#byVersion.set(version, tally);
    return tally;
  }

  /** Whether features of one more prediction should be measured. */
  takesMeasures(): boolean {
    return this.#measured++ < LIMITS.measuredPerReport;
  }

  /** Stores a captured input, unless the report is full. */
  capture(captured: CapturedInput): void {
    if (this.isFullOfCaptures()) return;
    this.#captures.push(captured);
    this.#capturedChars += captured.record.length;
  }

  isFullOfCaptures(): boolean {
    return this.#captures.length >= LIMITS.reportedCaptures || this.#capturedChars >= LIMITS.reportedCaptureChars;
  }

  /** Stores a prediction for feedback. Returns false if the report is full. */
  log(prediction: LoggedPrediction): boolean {
    const chars = this.#loggedChars + prediction.record.length;
    if (this.#logged.length >= LIMITS.reportedPredictions || chars > LIMITS.reportedPredictionChars) return false;
    this.#logged.push(prediction);
    this.#loggedChars = chars;
    return true;
  }

  /** Returns everything so far and starts a new report. */
  take(): ServingReport {
    const report = { tallies: [...this.#byVersion.values()], captures: this.#captures, logged: this.#logged };
    this.#byVersion.clear();
    this.#captures = [];
    this.#capturedChars = 0;
    this.#logged = [];
    this.#loggedChars = 0;
    this.#measured = 0;
    return report;
  }

  /**
   * Takes back a report that could not be delivered, except for the measures: they are a sample, and would grow with every
   * attempt.
   */
  putBack({ tallies, captures, logged }: ServingReport): void {
    for (const tally of tallies) addTally(this.of(tally.version), { ...tally, measures: [] });
    for (const captured of captures) this.capture(captured);
    for (const prediction of logged) this.log(prediction);
  }
}
