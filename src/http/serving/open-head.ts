// The head of a request as this isolate knows it, and how it answers: from the replica, or from the object.
import type { HeadRpc, PredictAnswer } from "../../contract/rpc.ts";
import { logEvent } from "../../core/log.ts";
import { Fault, type Outcome, unwrap } from "../../core/problems.ts";
import { type Answer, answerFromReplica, answerIfReady, type Question, type Replica } from "../../serving/answer.ts";
import type { Known } from "../../serving/pointers.ts";
import { WeightCache } from "../../serving/weights.ts";
import { type Call, headOf } from "../call.ts";
import { nameOf, type Serving, servingOf } from "./replicas.ts";

/** Of this isolate: keyed by digest, and so no tenant's. */
const weights = new WeightCache();

/** Bytes of weights that this isolate holds ready; a bench asks. */
export const heldBytes = (): number => weights.bytes;

export interface OpenHead extends Known, Replica {
  /** The head's object; made on the first call of it. */
  rpc(): HeadRpc;
  readonly reporter: Serving["reporter"];
  waitUntil(work: Promise<unknown>): void;
}

export async function openHead(call: Call<"predict">): Promise<OpenHead> {
  const { pointers, reporter } = servingOf(call.env);
  const head = nameOf(call);
  const rpc = (): HeadRpc => headOf(call);
  const { waitUntil } = call;
  const known = pointers.known(head, { ask: async () => unwrap(await rpc().serving()), waitUntil });
  const { state, stale } = known instanceof Promise ? await reached(() => known) : known;
  const ask = async (version: number): Promise<Uint8Array> =>
    (await reached(() => unwrapped(rpc().readVersion(version)))).head;
  return { state, stale, head, weights, reporter, rpc, waitUntil, ask };
}

const unwrapped = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => unwrap(await outcome);

/** What cannot be reached is no mistake of ours or of the caller's: it may be there in a moment. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    logEvent("error", "head_unreachable", { error: String(error) });
    throw new Fault("unavailable", "The head cannot be reached just now; try again in a moment");
  }
}

interface Timed extends Answer {
  /** What the object spent, by its own clock; null where it was not asked. */
  readonly headMs: number | null;
}

/** The answer of a replica that has all it takes: most requests', in which a turn of the queue for each step would be felt. */
export function answerAtOnce(head: OpenHead, question: Question): Timed | null {
  const answer = question.options.consistency === "strong" ? null : answerIfReady(head, question);
  return answer && { ...answer, headMs: null };
}

export async function answerFor(head: OpenHead, question: Question): Promise<Timed> {
  if (question.options.consistency !== "strong") return { ...(await answerFromReplica(head, question)), headMs: null };
  const told = await reached(() => head.rpc().predict(question));
  return unwrap(JSON.parse(told) as Outcome<PredictAnswer>);
}
