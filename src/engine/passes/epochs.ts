// Heads trained by epochs.
import type { Checkpoint } from "../checkpoint.ts";
import type { Pass } from "./pass.ts";

const none = (): never => {
  throw new Error("not yet");
};
export const beginEpochs: (state: Checkpoint) => Checkpoint = none;
export const beginRefitEpochs: (state: Checkpoint) => Checkpoint = none;
const pass: Pass<unknown> = { parts: none, begin: none, add: none, finish: none, work: none };
export const epoch = pass;
export const scoreEpoch = pass;
export const refitEpoch = pass;
