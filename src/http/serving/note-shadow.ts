// Compares answers with those of the head's shadow, after the response was sent.
import { type Question, revisionFor } from "../../serving/answer.ts";
import { recordShadow } from "../../serving/record.ts";
import { logFailure, type Noted, talliesOf } from "./noted.ts";
import { embedFor, type OpenHead } from "./open-head.ts";
import { scoreInSlices } from "./slices.ts";

/** Compares the answers of a request with those of the head's shadow, if it has one. */
export function noteShadow(head: OpenHead, noted: Noted): void {
  const { shadow } = head.state;
  if (!shadow || noted.version === shadow.version) return; // a shadow requested by its number would be compared with itself
  if (noted.predictions.length === 0 || !talliesOf(head)) return;
  head.waitUntil(compareWithShadow(head, shadow.version, noted).catch(logFailure));
}

async function compareWithShadow(head: OpenHead, shadow: number, noted: Noted): Promise<void> {
  const question = await asShadowSees(head, shadow, noted);
  const own = await scoreInSlices(shadow, head, question, noted.predictions.length);
  const now = talliesOf(head);
  if (now) recordShadow(now, shadow, own, noted.predictions);
}

/** A shadow with another backbone revision needs its own features. */
async function asShadowSees(head: OpenHead, shadow: number, noted: Noted): Promise<Question> {
  const { state } = head;
  if (revisionFor(state, shadow) === revisionFor(state, noted.version)) return noted;
  return { features: await embedFor(head, shadow, noted.inputs), options: noted.options };
}
