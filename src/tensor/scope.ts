// Tensor ownership: everything created in a scope is freed at its end. Also counts live tensors.
import { engine, memory } from "@tensorflow/tfjs-core";

/**
 * Runs `work` and frees every tensor created in it. Results must leave as plain arrays, not as tensors. Does not use `tidy`,
 * which searches the result for tensors, element by element of every typed array: this costs more than the products themselves.
 */
export function scoped<T>(work: () => T): T {
  engine().startScope();
  try {
    return work();
  } finally {
    engine().endScope();
  }
}

/** Tensors alive in this isolate. */
export const liveTensors = (): number => memory().numTensors;

/** Bytes of the tensors alive in this isolate. */
export const tensorBytes = (): number => memory().numBytes;
