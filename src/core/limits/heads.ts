// Limits of a head: its labels, examples, versions and policy, with unit and reason.
import { MIB } from "./units.ts";

export const HEAD_LIMITS = {
  /** A label: long enough for a sentence. Longer ones usually come from the wrong column. */
  labelChars: 200,
  /** A label as sent, before it is trimmed and normalised: padded table columns fit. */
  labelCharsSent: 2_000,
  /** All labels of one example together: as long as a text, so that a page of examples fits into one call between objects. */
  labelSetChars: 20_000,
  /** Dimensions of a feature vector: the contract's number. */
  dimensions: 4_096,
  /** Labels of one head. */
  labelsPerHead: 1_000,
  /** Other examples named in one label issue. */
  othersPerLabelIssue: 20,
  /** The header of a safetensors file, which describes the version: a confusion matrix of the maximum number of labels fits. */
  fileHeaderBytes: 8 * MIB,
  /** Units of a hidden layer that a caller may request, and bounds of its training: the contract's numbers. */
  hiddenUnits: 1_024,
  iterations: 10_000,
  epochs: 1_000,
  secondsOfWork: 86_400,
  /** Heads of a tenant, unless its quotas say otherwise. */
  headsPerTenant: 1_000,
  /** Examples of a head, unless the tenant's quotas say otherwise: a training lists them all, at about 200 bytes each. */
  examplesPerHead: 200_000,
  /** Newest versions that a new head keeps by default: enough to compare and to go back. */
  keepVersionsDefault: 20,
  /** Most versions that a head can be configured to keep: each takes kilobytes to megabytes of its storage quota. */
  keepVersionsMax: 10_000,
  /** Label issues stored for one version: more than anyone reviews before the next training. */
  labelIssuesPerVersion: 1_000,
  /** Newest versions whose label issues are stored: older ones are resolved or outdated. */
  versionsWithLabelIssues: 5,
  /** Longest wait in a policy, in seconds: 30 days. */
  policySeconds: 2_592_000,
  /** Most examples that a policy can wait for: more than a head holds. */
  policyExamples: 10_000_000,
  nameChars: 200,
  descriptionChars: 2_000,
  /** Tensors in a version file: a head has at most seven. */
  tensorsPerFile: 32,
} as const;
