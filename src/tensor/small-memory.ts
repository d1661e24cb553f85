// The kernels in a small memory of their own: for work of a few microseconds, where to boot tfjs and make a tensor of every
// operand would take longer. Whoever uses one copies in, computes and copies out, before anybody else can.
import headModule from "../../.build/kernels/head.wasm";
import type { HeadFunctions } from "./kernels/register.ts";

export interface SmallMemory {
  readonly buffer: ArrayBuffer;
  /** All of it, as bytes and as floats. */
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly functions: HeadFunctions;
}

/** A memory of so many pages of 64 KiB, made when it is first asked for. */
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
