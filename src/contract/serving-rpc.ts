// What passes between the Workers that answer and the object that knows: what is live, and what was answered.
import type { BackboneId } from "./backbones.ts";
import type { CaptureRule, Task } from "./heads.ts";
import type { Prediction } from "./predict.ts";

/** A version by what it is: weights of one digest never change. */
export interface VersionRef {
  readonly version: number;
  readonly digest: string;
}

/** Versions `first` to `last` were trained on features that an older revision of the backbone made. */
export interface OlderVersions {
  readonly first: number;
  readonly last: number;
  readonly revision: string;
}

/** All that a Worker needs to know of a head to answer for it. */
export interface ServingState {
  /** Of the head as it was made this time, in ms since the epoch: one that takes its id later has another. */
  readonly born: number;
  readonly task: Task;
  readonly backbone: { readonly id: BackboneId; readonly dimension: number };
  /** Empty: nothing is live. */
  readonly split: readonly (VersionRef & { readonly weight: number })[];
  readonly shadow: VersionRef | null;
  readonly capture: CaptureRule | null;
  /** Hours that predictions are kept for feedback to name; 0: only captured ones are. */
  readonly logHours: number;
  /** How many versions were deleted so far. */
  readonly versionsRemoved: number;
  /** All others are of the newest revision. */
  readonly older: readonly OlderVersions[];
}

/** Counts of answers of one version, by one Worker since it last told. */
export interface Tally {
  readonly version: number;
  requests: number;
  predictions: number;
  /** Σ of the best scores; of values, for a regression. */
  scoreSum: number;
  abstentions: number;
  /** As a shadow: predictions set beside those that were answered, and how many agree. */
  compared: number;
  agreed: number;
  /** Counts by bin of the best score, and by label. */
  readonly scores: number[];
  readonly labels: Map<string, number>;
  /** Of some predictions: where their features lie, one row of measures after another. */
  readonly measures: number[];
}

/** What is shown of a captured input. */
export interface CapturedAnswer {
  /** As a caller wrote it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly prediction: Prediction;
}

export interface CapturedInput {
  /** SHA-256 of the input, hex: captured again, it takes the place of before. */
  readonly digest: string;
  /** JSON of a `CapturedAnswer`: written where the input was answered, so that nobody reads it before it is shown. */
  readonly record: string;
  /** 0 to 1: how unsure the version was. */
  readonly uncertainty: number;
  /** ms since the epoch */
  readonly at: number;
}

/** A prediction that feedback can name. */
export interface LoggedPrediction {
  readonly id: string;
  /** ms since the epoch */
  readonly at: number;
  /** A `LoggedInput` as JSON: a text crosses in a fraction of the time that its objects do. */
  readonly record: string;
}

export interface ServingReport {
  readonly tallies: readonly Tally[];
  readonly captures: readonly CapturedInput[];
  readonly logged: readonly LoggedPrediction[];
}
