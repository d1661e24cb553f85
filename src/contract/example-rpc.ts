// What the Worker and a head's object pass each other of examples: uploads with the features of their inputs, and exports.
import type { ExampleSource, ExampleView, Split } from "./examples.ts";
import type { InputField, StoredContent } from "./inputs.ts";
import type { RowProblem } from "./row-problem.ts";
import type { Target } from "./targets.ts";
import type { Warning } from "./warnings.ts";

export interface NewExample {
  /** Position in the request, for a rejection. */
  readonly index: number;
  readonly id: string;
  readonly digest: string;
  /** The part of the input that the head stores in addition to its feature. */
  readonly content: StoredContent;
  readonly target: Target;
  /** Absent: unchanged. */
  readonly split?: Split | undefined;
}

/** Features of inputs that had none yet: `values` is [digests][dimension], row by row. */
export interface NewFeatures {
  readonly digests: readonly string[];
  readonly values: Float32Array;
  /** Digests of inputs whose features the head computes later: the backbone is away. */
  readonly pending?: readonly string[];
}

export interface AppendRequest {
  /** Creation time of the head with which the upload began; absent: any head. */
  readonly born?: number;
  readonly examples: readonly NewExample[];
  readonly features: NewFeatures;
  readonly source: ExampleSource;
  readonly examplesQuota: number;
  /** If true, nothing is stored when one example is rejected. */
  readonly allOrNone?: boolean;
  /** Whether the response should list warnings about trainings: with the last rows of an upload. */
  readonly withWarnings?: boolean;
}

export interface AppendResult {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Accepted examples whose inputs have no feature yet. */
  readonly pending: number;
  readonly rejected: readonly (RowProblem & { readonly index: number })[];
  readonly warnings?: readonly Warning[];
}

/** An example whose input has another label in an earlier row of the upload. */
export interface LabelConflict {
  readonly id: string;
  readonly other: string;
}

/** Nothing was stored: these inputs have no stored feature, and the request brought none. */
export interface FeaturesMissing {
  readonly missing: readonly string[];
}

export interface ExportedExample extends Omit<ExampleView, InputField> {
  /**
   * The fields of a request for its input; none if the input is the vector, or not stored. null: a file, which `exportFiles`
   * reads.
   */
  readonly input: Readonly<Record<string, string>> | null;
  readonly vector: Float32Array | null;
}

/** A part of the file of an exported example. */
export interface ExportedPart {
  /**
   * The fields of a request for the input with an empty file: the base64 of the file continues the only one. None: no file is
   * stored.
   */
  readonly input: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}
