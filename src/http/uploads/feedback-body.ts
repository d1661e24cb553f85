// Reads feedback, which may hold a file: the kind of the head's inputs decides how long the body may be.
import { type Feedback, feedbackBody } from "../../contract/feedback.ts";
import { kindOf, type Modality } from "../../contract/inputs.ts";
import { LIMITS } from "../../core/limits.ts";
import { readJsonBytes } from "../request/body.ts";
import { parseLargeJson } from "../request/large-json.ts";
import { bytesOfFiles, withMemory } from "../request/reserve-memory.ts";
import { parse } from "../request/validate.ts";

const REMEDY = "feedback is one input with its label, labels or value: make the input smaller";

/** Runs `work` on the body, with memory for it. */
export function withFeedback<T>(
  request: Request,
  modality: Modality,
  work: (feedback: Feedback) => Promise<T>,
): Promise<T> {
  const unreserved = LIMITS.smallJsonBodyBytes;
  const most = Math.max(unreserved, kindOf(modality).jsonBytes);
  return withMemory(bytesOfFiles(request, most, unreserved), async () => {
    const json = await readJsonBytes(request, most, REMEDY);
    return work(parse(feedbackBody, await parseLargeJson(json, most), "The body"));
  });
}
