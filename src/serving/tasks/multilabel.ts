// Answers of a multi-label head: the labels that reach their thresholds, and all scores.
import type { Labelled } from "../../contract/predict.ts";
import { sigmoid } from "../../engine/heads/sigmoid.ts";
import type { ScoringOptions, ServedHead, ServedTask } from "./kind.ts";
import { ranked } from "./ranked.ts";

export const multilabel: ServedTask = { answer: setLabels, activation: "sigmoid", hasThresholds: true };

function setLabels(head: ServedHead, outputs: Float32Array, { top, threshold }: ScoringOptions): Labelled {
  const raw = Array.from(outputs, (z) => sigmoid(z / head.temperature));
  const scores = ranked(head.labels, raw);
  const needs = new Map(head.labels.map((label, k) => [label, threshold ?? head.thresholds?.[k] ?? 0.5]));
  const labels = scores.filter(({ label, score }) => score >= (needs.get(label) as number)).map(({ label }) => label);
  return { labels, scores: scores.slice(0, top ?? scores.length) };
}
