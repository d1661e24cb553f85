// Converts between a version and the content of a file: the card has everything as JSON except the model's numbers, which are
// named float32 tensors. Every format writes these two. Imported ones are read into them and become a head again here.
import { HEAD_FILE, type HeadCard } from "../../contract/head-file.ts";
import { learnsLabels, leastLabels } from "../../contract/tasks.ts";
import type { StoredVersion } from "../../contract/versions.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { CONFORMAL_LEVELS } from "../../engine/heads/conformal.ts";
import { HEAD_KINDS } from "../../engine/heads/registry.ts";
import type { TrainedHead } from "../../engine/heads/trained-head.ts";
import { SERVED_TASKS } from "../tasks/registry.ts";
import { badFile, pointerTo } from "./bad-file.ts";
import { assertAnswersFinite } from "./finite-answers.ts";

/** [length], or row-major [rows][columns]. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface HeadFile {
  readonly card: HeadCard;
  readonly head: TrainedHead;
}

export function headFileOf(
  { backbone, live: _, job: __, promotion: ___, ...version }: StoredVersion,
  head: TrainedHead,
): HeadFile {
  const { task, kind, labels, temperature, thresholds, scaler } = head;
  const dense: Omit<HeadCard, "version"> = {
    ...HEAD_FILE,
    task,
    kind,
    labels: [...labels],
    backbone,
    temperature,
    thresholds: thresholds && [...thresholds],
    target: scaler.target,
  };
  const told = scaler.sparse ? { ...dense, sparse: true } : dense; // absent rather than undefined: formats list its fields
  return { card: { ...told, version }, head };
}

/** `layers.i.weight` is [inputs][outputs]: outputs are x · weight + bias. */
export function tensorsOf({ scaler, layers, conformal }: TrainedHead): NamedTensor[] {
  const vector = (name: string, values: Float32Array): NamedTensor => ({ name, shape: [values.length], values });
  return [
    vector("scaler.mean", scaler.mean),
    vector("scaler.inverse", scaler.inverse),
    ...layers.flatMap(({ weights, bias }, i) => [
      { name: `layers.${i}.weight`, shape: [weights.length / bias.length, bias.length], values: weights },
      vector(`layers.${i}.bias`, bias),
    ]),
    ...(conformal ? [vector("conformal", conformal)] : []),
  ];
}

/** The head of a card and its tensors. Throws a fault if they do not match each other, the limits, or float32. */
export function trainedHeadOf(card: HeadCard, tensors: readonly NamedTensor[]): TrainedHead {
  assertCard(card);
  const named = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const ends = sizesOf(card, named.get("layers.0.weight"));
  const take = (name: string, ...shape: number[]) => takeTensor(named, name, shape);
  const { task, kind, labels, temperature, thresholds, target, sparse, backbone } = card;
  const [mean, inverse] = [take("scaler.mean", backbone.dimension), take("scaler.inverse", backbone.dimension)];
  const layers = ends.slice(1).map((outputs, i) => ({
    weights: take(`layers.${i}.weight`, ends[i] as number, outputs),
    bias: take(`layers.${i}.bias`, outputs),
  }));
  const conformal = named.has("conformal") ? take("conformal", CONFORMAL_LEVELS + 1) : null;
  for (const name of named.keys()) throw badFile(pointerTo("tensors", name), "is not a tensor of this kind of head");
  const scaler = { mean, inverse, target, sparse: sparse || undefined };
  const head: TrainedHead = { task, kind, labels, scaler, layers, temperature, thresholds, conformal };
  assertAnswersFinite(head);
  return head;
}

/** Layer sizes from the features to the outputs. */
function sizesOf({ kind, labels, backbone }: HeadCard, first: NamedTensor | undefined): number[] {
  const outputs = Math.max(1, labels.length);
  const hidden = HEAD_KINDS[kind].hasHidden ? [first?.shape[1] ?? 0] : [];
  const [units] = hidden;
  if (units !== undefined && (units < 1 || units > LIMITS.hiddenUnits)) {
    throw badFile("/tensors/layers.0.weight", `must have 1 to ${LIMITS.hiddenUnits} hidden units; it has ${units}`);
  }
  const weights = units === undefined ? backbone.dimension * outputs : units * (backbone.dimension + labels.length);
  const most = units === undefined ? LIMITS.headParameters : LIMITS.hiddenParameters;
  if (weights > most) {
    const detail = `The head of the file has ${weights} weights; at most ${most} fit a ${kind} head`;
    throw new Fault("head_too_large", detail);
  }
  return [backbone.dimension, ...hidden, outputs];
}

/** Removes a tensor from `named`. Tensors that are left at the end are unknown. */
function takeTensor(named: Map<string, NamedTensor>, name: string, shape: readonly number[]): Float32Array {
  const tensor = named.get(name);
  if (!tensor) throw badFile(`/tensors/${name}`, `is required, of the shape [${shape.join(", ")}]`);
  if (tensor.shape.join() !== shape.join())
    throw badFile(`/tensors/${name}`, `must have the shape [${shape.join(", ")}]; it has [${tensor.shape.join(", ")}]`);
  const odd = tensor.values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw badFile(`/tensors/${name}`, `must hold finite float32 numbers; number ${odd} is not one`);
  named.delete(name);
  return tensor.values;
}

/** Checks what the schema cannot: dependencies between the card's fields. */
function assertCard({ task, labels, thresholds }: HeadCard): void {
  const least = leastLabels(task);
  if (labels.length < least) throw badFile("/labels", `must name at least ${least} for the task "${task}"`);
  if (!learnsLabels(task) && labels.length > 0) throw badFile("/labels", `must be empty: a ${task} has values`);
  if (new Set(labels).size !== labels.length) throw badFile("/labels", "must not name a label twice");
  if (thresholds === null) return;
  if (!SERVED_TASKS[task].hasThresholds) throw badFile("/thresholds", `must be null: a ${task} has no thresholds`);
  if (thresholds.length !== labels.length) throw badFile("/thresholds", `must be ${labels.length}: one per label`);
}
