// Handles one prediction request: gets the live state, embeds, scores with the local replica, puts errors in the places of
// invalid inputs, and records the answer after the response was sent.
import type { ParsedInput } from "../../contract/inputs.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import {
  answerFromReplica,
  answerIfReady,
  chooseVersion,
  type Question,
  revisionFor,
  versionWithoutFeatures,
} from "../../serving/answer.ts";
import type { Call } from "../request/call.ts";
import { type Answered, answer } from "../response/answer.ts";
import { inRequestOrder, named } from "./answers.ts";
import { mayBeLarge, withLargeBody } from "./large-body.ts";
import { areMany, bodyInSlices, slicingOf } from "./long-answer.ts";
import { note } from "./note.ts";
import { embedFor, type OpenHead, openHead } from "./open-head.ts";
import { validIn } from "./parse-input.ts";
import { readPredictionRequest } from "./prediction-request.ts";

export const predict = (call: Call<"predict">): Promise<Answered> =>
  mayBeLarge(call.request) ? withLargeBody(call, answerTo) : answerTo(call, null);

/** `mostBytes`: of the body; null: its length is known to be allowed. */
async function answerTo(call: Call<"predict">, mostBytes: number | null): Promise<Answered> {
  const request = await readPredictionRequest(call.request, call.query, mostBytes);
  const { options } = request;
  const clock = new Stopwatch();
  const head = await openHead(call, options.consistency);
  const objectMs = clock.lap();
  const { state, backbone } = head;
  const { dimension } = state.backbone;
  const given = request.inputsFor({ backbone, dimension });
  const parsed = given instanceof Promise ? await given : given;
  const inputs = validIn(parsed);
  await call.meter?.spendInputs(inputs.length, "predict");
  const question =
    state.older.length > 0
      ? await questionAtRevision(head, inputs, options)
      : { features: await embedFor(head, null, inputs), options };
  const embedMs = clock.lap();
  const slicing = areMany(inputs.length) ? await slicingOf(head, question, inputs.length) : null;
  if (slicing) {
    const body = await bodyInSlices(head, slicing, question, { name: call.params.head, parsed, inputs });
    return new Response(body, {
      headers: { "Content-Type": "application/json", ...timingOf(embedMs, clock.lap(), objectMs) },
    });
  }
  // Most requests have everything in memory, and should not wait for a turn of the microtask queue.
  const answered = answerIfReady(head, question) ?? (await answerFromReplica(head, question));
  const headMs = clock.lap();
  const ids = note(head, question, answered, inputs);
  const { version, predictions } = answered;
  const body = {
    head: call.params.head,
    version,
    predictions: inRequestOrder(parsed, ids ? named(predictions, ids) : predictions),
  };
  return answer(head.stale ? { ...body, stale: true } : body, 200, timingOf(embedMs, headMs, objectMs));
}

/** For a head with versions of older revisions: the features of the inputs by the revision of the version that will answer. */
async function questionAtRevision(
  head: OpenHead,
  inputs: readonly ParsedInput[],
  options: PredictOptions,
): Promise<Question> {
  const { state } = head;
  const version = versionWithoutFeatures(state, options);
  if (version !== null) return { features: await embedFor(head, version, inputs), options };
  const features = await embedFor(head, null, inputs);
  const chosen = chooseVersion(state, { features, options });
  if (revisionFor(state, chosen) === null) return { features, options };
  return { features: await embedFor(head, chosen, inputs), options: { ...options, version: chosen } };
}

const timingOf = (embedMs: number, headMs: number, objectMs: number) => ({
  "Server-Timing": `embed;dur=${embedMs.toFixed(2)}, head;dur=${headMs.toFixed(2)}, object;dur=${objectMs.toFixed(2)}`,
});

/** Durations in ms (W3C Server Timing). Deployed clocks stand still during computation, so these measure waiting, not work. */
class Stopwatch {
  #at = performance.now();

  /** Milliseconds since the last lap. */
  lap(): number {
    const now = performance.now();
    const ms = now - this.#at;
    this.#at = now;
    return ms;
  }
}
