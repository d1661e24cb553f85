// The head of a request, as cached in this isolate or as its object reports it, and the features that its backbone makes.
import { atRevision, valuesOf } from "../../backbones/backbone.ts";
import { type Backbone, backboneOf } from "../../backbones/registry.ts";
import { kindOf, type ParsedInput } from "../../contract/inputs.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import type { HeadRpc } from "../../contract/rpc.ts";
import { Turns } from "../../core/turns.ts";
import { type Replica, revisionFor } from "../../serving/answer.ts";
import type { Known } from "../../serving/pointers.ts";
import { type Call, headOf } from "../request/call.ts";
import { isolateWeights as weights } from "./isolate-weights.ts";
import { reached, unwrapped } from "./reach-head.ts";
import { nameOf, type Serving, servingOf } from "./replicas.ts";

export interface OpenHead extends Known, Replica {
  /** The head's backbone at its newest revision. */
  readonly backbone: Backbone;
  /** The head's object; created on the first call. */
  rpc(): HeadRpc;
  readonly reporter: Serving["reporter"];
  waitUntil(work: Promise<unknown>): void;
}

/** `consistency` "strong": asks the head's object for the live version, even if the cached one is fresh. */
export async function openHead(call: Call<"predict">, consistency: PredictOptions["consistency"]): Promise<OpenHead> {
  const { pointers, reporter } = servingOf(call.env);
  const head = nameOf(call);
  const rpc = (): HeadRpc => headOf(call);
  const { waitUntil } = call;
  const lookup = { ask: () => rpc().serving(), waitUntil };
  const known = consistency === "strong" ? pointers.confirmed(head, lookup) : pointers.known(head, lookup);
  const { state, stale } = known instanceof Promise ? await reached(() => known) : known;
  const ask = (version: number): Promise<Uint8Array> => reached(() => unwrapped(rpc().readWeights(version)));
  const found = backboneOf(state.backbone.id, call.env.backbones);
  const backbone = found instanceof Promise ? await found : found;
  return { state, stale, head, backbone, weights, reporter, rpc, waitUntil, ask };
}

/** Largest body of a prediction in bytes. The kind of the head's inputs decides it. */
export async function mostBytesOf(call: Call<"predict">): Promise<number> {
  const { backbone } = await openHead(call, undefined);
  return kindOf(backbone.modality).requestBytes;
}

/** Features by the revision of a version; null: by the newest. */
export async function embedFor(
  { state, backbone }: Pick<OpenHead, "state" | "backbone">,
  version: number | null,
  inputs: readonly ParsedInput[],
): Promise<Float32Array> {
  const revision = version === null ? null : revisionFor(state, version);
  const embedding = revision === null ? backbone : atRevision(backbone, revision);
  const { dimension } = state.backbone;
  return valuesOf(await embedding.embed(inputs, dimension, new Turns()), embedding, inputs.length * dimension);
}
