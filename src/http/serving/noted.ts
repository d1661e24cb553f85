// What is recorded about an answer, and where.
import { digestedBytes, kindOf, type ParsedInput } from "../../contract/inputs.ts";
import type { ServingReport } from "../../contract/serving-rpc.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import type { Answer, Question } from "../../serving/answer.ts";
import type { Tallies } from "../../serving/tallies.ts";
import type { OpenHead } from "./open-head.ts";

export interface Noted extends Answer, Question {
  readonly inputs: readonly ParsedInput[];
}

/** Called again after every wait, because another Tallies may be in use by then. */
export function talliesOf(head: OpenHead): Tallies | null {
  const { born } = head.state;
  const report = (own: ServingReport) => head.rpc().report({ ...own, born });
  return head.reporter.of(`${head.head} ${born}`, { report, waitUntil: head.waitUntil });
}

/** Whether an input can fit into a stored record, before it is written. A file becomes a third longer as base64. */
export function mayFit(input: ParsedInput): boolean {
  if (kindOf(input.modality).form !== "file") return true;
  return digestedBytes(input).byteLength * (4 / 3) <= LIMITS.chunkBytes;
}

export const logFailure = (error: unknown): void => logEvent("error", "note_failed", { error: String(error) });
