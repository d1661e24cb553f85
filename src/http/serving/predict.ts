// One prediction request: learn what is live, embed, score with the replica here, put errors at the places of bad inputs, and
// note what was answered once the answer is on its way.
import type { ParsedInput } from "../../backbones/backbone.ts";
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import { isProblem, type Modality, type RowProblem } from "../../contract/inputs.ts";
import type { Prediction } from "../../contract/predict.ts";
import { LIMITS } from "../../core/limits.ts";
import { turnLoop } from "../../core/turns.ts";
import { answerFromReplica, answerIfReady } from "../../serving/answer.ts";
import { answer, type JsonAnswer } from "../answer.ts";
import type { Call } from "../call.ts";
import { readAsk } from "./ask.ts";
import { questionOf } from "./embed.ts";
import { note, type PredictionIds } from "./note.ts";
import { openHead } from "./open-head.ts";

export async function predict(call: Call<"predict">): Promise<JsonAnswer> {
  const ask = await readAsk(call.request, call.query, () => mostBytesOf(call));
  const clock = new Stopwatch();
  const head = await openHead(call, ask.options.consistency);
  const objectMs = clock.lap();
  const { backbone, older } = head.state;
  const parsed = ask.inputsFor(backbone);
  const inputs = parsed.filter((input): input is ParsedInput => !isProblem(input));
  await call.meter?.spendInputs(inputs.length, "predict");
  const question =
    older.length > 0
      ? await questionOf(head.state, inputs, ask.options)
      : {
          features: await BACKBONE_BY_ID[backbone.id].embed(inputs, backbone.dimension, turnLoop),
          options: ask.options,
        };
  const embedMs = clock.lap();
  // Most have all it takes at hand, and would feel a turn of the queue.
  const answered = answerIfReady(head, question) ?? (await answerFromReplica(head, question));
  const headMs = clock.lap();
  const ids = note(head, question, answered, inputs);
  const { version, predictions } = answered;
  const timing = `embed;dur=${embedMs.toFixed(2)}, head;dur=${headMs.toFixed(2)}, object;dur=${objectMs.toFixed(2)}`;
  const body = {
    head: call.params.head,
    version,
    predictions: placed(parsed, ids ? named(predictions, ids) : predictions),
  };
  return answer(head.stale ? { ...body, stale: true } : body, 200, { "Server-Timing": timing });
}

const MOST_BYTES: Readonly<Record<Modality, number>> = {
  text: LIMITS.predictBodyBytes,
  features: LIMITS.predictBodyBytes,
  image: LIMITS.predictMediaBytes,
  audio: LIMITS.predictMediaBytes,
};

/** What the head takes decides how long a body may be; only a long one waits for that. */
async function mostBytesOf(call: Call<"predict">): Promise<number> {
  const { state } = await openHead(call, undefined);
  return MOST_BYTES[BACKBONE_BY_ID[state.backbone.id].modality];
}

/** Predictions with their ids, where they have some. */
const named = (predictions: readonly Prediction[], ids: NonNullable<PredictionIds>): Prediction[] =>
  predictions.map((prediction, i) => (ids[i] === undefined ? prediction : { id: ids[i], ...prediction }));

/** An answer for every input, in order: a prediction, or what was wrong with it. */
function placed(parsed: readonly (ParsedInput | RowProblem)[], predictions: readonly Prediction[]) {
  let next = 0;
  return parsed.map((input) =>
    isProblem(input) ? { error: { code: input.code, detail: input.detail } } : predictions[next++],
  );
}

/** Durations in ms (W3C Server Timing). Deployed clocks stand still while computing, so these tell waiting, not work. */
class Stopwatch {
  #at = performance.now();

  /** Since the last lap. */
  lap(): number {
    const now = performance.now();
    const ms = now - this.#at;
    this.#at = now;
    return ms;
  }
}
