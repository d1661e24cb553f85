// The kernels in a small memory of their own: for work of a few microseconds, where to boot tfjs and make a tensor of every
// operand would take longer. Whoever uses it copies in, computes and copies out, before anybody else can.
import headModule from "../../.build/kernels/head.wasm";
import type { HeadFunctions } from "./kernels/register.ts";

/** 384 KiB: the operands of the largest product of row-products.ts, and twenty pieces of vectors.ts. */
const MEMORY_PAGES = 6;

export interface SmallMemory {
  readonly buffer: ArrayBuffer;
  /** All of it. */
  readonly floats: Float32Array;
  readonly functions: HeadFunctions;
}

let made: SmallMemory | undefined;

export function smallMemory(): SmallMemory {
  if (made) return made;
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const { exports } = new WebAssembly.Instance(headModule, { env: { memory } });
  const { buffer } = memory;
  made = { buffer, floats: new Float32Array(buffer), functions: exports as unknown as HeadFunctions };
  return made;
}
