// Who owns tensors: everything made inside a scope is freed at its end, and the count of what lives is there to be asked.
import { engine, memory } from "@tensorflow/tfjs-core";

/**
 * Runs `work` and frees every tensor made in it. Results leave as plain arrays, never as tensors. Not `tidy`: that looks
 * for tensors inside the result, element by element of every typed array, which costs more than the products themselves.
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
