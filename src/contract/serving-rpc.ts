// The interface between Workers that answer and the head's object: the live state, and reports of answers.
import type { JsonText } from "../core/json-text.ts";
import type { Outcome } from "../core/problems.ts";
import type { BackboneId } from "./backbones.ts";
import type { CaptureRule } from "./capture-rule.ts";
import type { CaptureView } from "./captures.ts";
import type { Page, PageQuery } from "./common.ts";
import type { Input } from "./inputs.ts";
import type { Prediction } from "./predict.ts";
import type { Stats } from "./stats.ts";
import type { Task } from "./tasks.ts";
import type { RolledBack, TrafficBody, TrafficView } from "./traffic.ts";

/** A version and its digest. Weights with the same digest are equal. */
export interface VersionRef {
  readonly version: number;
  readonly digest: string;
}

/** Versions `first` to `last` were trained on features of an older backbone revision. */
export interface OlderVersions {
  readonly first: number;
  readonly last: number;
  readonly revision: string;
}

/** Everything that a Worker needs to answer for a head. */
export interface ServingState {
  /** Creation time of the head, in ms since the epoch. A later head with the same id has another one. */
  readonly born: number;
  readonly task: Task;
  readonly backbone: { readonly id: BackboneId; readonly dimension: number };
  /** Empty: nothing is live. */
  readonly split: readonly (VersionRef & { readonly weight: number })[];
  readonly shadow: VersionRef | null;
  readonly capture: CaptureRule | null;
  /** Hours that predictions are stored for feedback; 0: only captured ones are. */
  readonly logHours: number;
  /** Number of versions deleted so far. */
  readonly versionsRemoved: number;
  /** Versions of older backbone revisions. All others use the newest. */
  readonly older: readonly OlderVersions[];
}

/** Counts of answers of one version, by one Worker since its last report. */
export interface VersionTally {
  readonly version: number;
  requests: number;
  predictions: number;
  /** Σ of the best scores; for a regression, of values. */
  scoreSum: number;
  abstentions: number;
  /** For a shadow: predictions compared with the real answers, and how many agree. */
  compared: number;
  agreed: number;
  /** Counts by bin of the best score, and by label. */
  readonly scores: number[];
  readonly labels: Map<string, number>;
  /** For some predictions: measures of their features, one row after another. */
  readonly measures: number[];
}

/** The visible part of a captured input. */
export interface CapturedAnswer {
  /** The input as the caller wrote it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly prediction: Prediction;
}

export interface CapturedInput {
  /** SHA-256 of the input, hex. A new capture of the same input replaces the old one. */
  readonly digest: string;
  /** JSON of a `CapturedAnswer`. The Worker that answered writes it, and nothing parses it before it is shown. */
  readonly record: string;
  /** 0 to 1: uncertainty of the version. */
  readonly uncertainty: number;
  /** ms since the epoch */
  readonly at: number;
}

/** A prediction that feedback can refer to. */
export interface LoggedPrediction {
  readonly id: string;
  /** ms since the epoch */
  readonly at: number;
  /** A `LoggedInput` as JSON, because passing text takes a fraction of the time of passing objects. */
  readonly record: string;
}

export interface ServingReport {
  /** `born` of the head that answered. Absent in reports of Workers of an older release. */
  readonly born?: number;
  readonly tallies: readonly VersionTally[];
  readonly captures: readonly CapturedInput[];
  readonly logged: readonly LoggedPrediction[];
}

/** The stored part of a prediction that feedback can refer to. */
export interface LoggedInput {
  /** The input in the form that a caller would write. */
  readonly input: Input;
  readonly version: number;
}

/** The calls of a head's object about what it serves, and what it has answered. */
export interface ServingRpc {
  /**
   * The live state for a Worker that answers for this head: an `Outcome<ServingState>` as JSON, because passing text takes a
   * fraction of the time of passing objects.
   */
  serving(): Promise<string>;
  /** Reports what a Worker has answered since its last report. */
  report(report: ServingReport): Promise<Outcome<null>>;
  setTraffic(body: TrafficBody): Promise<Outcome<TrafficView>>;
  getTraffic(): Promise<Outcome<TrafficView>>;
  rollback(): Promise<Outcome<JsonText<RolledBack>>>;
  listCaptures(page: PageQuery): Promise<Outcome<Page<CaptureView>>>;
  getCapture(id: string): Promise<Outcome<CaptureView>>;
  /** `not_found` if the prediction is unknown or too old. */
  getPrediction(id: string): Promise<Outcome<LoggedInput>>;
  deleteCapture(id: string): Promise<Outcome<null>>;
  stats(): Promise<Outcome<Stats>>;
}
