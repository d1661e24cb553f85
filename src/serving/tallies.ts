// Counts a Worker's answers until it reports them to the head's object. Predictions never wait for it.
import type { Classified, Prediction } from "../contract/predict.ts";
import type { CapturedInput, LoggedPrediction, ServingReport, VersionTally } from "../contract/serving-rpc.ts";
import { LIMITS } from "../core/limits.ts";

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

/** The best score of a prediction; for a regression, its value. */
export function figureOf(prediction: Prediction): number {
  if ("value" in prediction) return prediction.value;
  return "score" in prediction ? prediction.score : (prediction.scores[0]?.score ?? 0);
}

/** Adds one prediction, in place. */
export function addPrediction(tally: VersionTally, prediction: Prediction): void {
  const figure = figureOf(prediction);
  tally.predictions++;
  tally.scoreSum += figure;
  if ("value" in prediction) return;
  const bin = scoreBin(figure);
  tally.scores[bin] = (tally.scores[bin] as number) + 1;
  if ("abstained" in prediction && prediction.abstained) tally.abstentions++;
  for (const label of answersOf(prediction)) tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1);
}

/** Labels of a prediction, whether it abstained or not. */
const answersOf = (prediction: Exclude<Prediction, { value: number }>): readonly string[] =>
  "labels" in prediction ? prediction.labels : [bestOf(prediction)];

const bestOf = ({ scores }: Classified): string => scores[0]?.label ?? "";

/** Whether two versions agree: the same best label, the same set, or values within a hundredth of each other. */
export function agree(a: Prediction, b: Prediction): boolean {
  if ("value" in a || "value" in b) return "value" in a && "value" in b && isNear(a.value, b.value);
  const [own, other] = [answersOf(a), answersOf(b)];
  return own.length === other.length && own.every((label) => other.includes(label));
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b), 1e-12);

/** Uncertainty of a prediction, 0 to 1. For a label set: of its most uncertain label. For a value: always 0. */
export function uncertaintyOf(prediction: Prediction): number {
  if ("value" in prediction) return 0;
  if ("score" in prediction) return 1 - prediction.score;
  return prediction.scores.reduce((most, { score }) => Math.max(most, 1 - Math.abs(2 * score - 1)), 0);
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
