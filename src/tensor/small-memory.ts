// The kernels in a small memory of their own, for work of a few microseconds: booting tfjs and making a tensor of every operand
// would take longer. A caller copies in, computes and copies out synchronously, so that callers cannot interfere.
import headModule from "../../.build/kernels/head.wasm";
import type { HeadFunctions } from "./kernels/head-functions.ts";

export interface SmallMemory {
  readonly buffer: ArrayBuffer;
  /** The whole memory as bytes and as floats. */
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly functions: HeadFunctions;
}

/** A memory of `pages` pages of 64 KiB, created on first use. */
export function smallMemory(pages: number): () => SmallMemory {
  let made: SmallMemory | undefined;
  return () => {
    made ??= makeMemory(pages);
    return made;
  };
}

function makeMemory(pages: number): SmallMemory {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(headModule, { env: { memory } });
  const { buffer } = memory;
  const [bytes, floats] = [new Uint8Array(buffer), new Float32Array(buffer)];
  return { buffer, bytes, floats, functions: exports as unknown as HeadFunctions };
}
