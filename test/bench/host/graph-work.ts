// What the sides of a bench of backbones are asked for, and what they answer.

/** Texts as ids of all of them, one after another. */
export interface GraphWork {
  readonly ids: readonly number[];
  readonly lengths: readonly number[];
  readonly taps: readonly string[];
}

export interface GraphSide {
  readonly name: string;
  /** Milliseconds of one run. */
  run(work: GraphWork): Promise<number>;
  /** Bytes of its memory of WebAssembly; null: unknown. */
  heapBytes(): number | null;
  stop(): Promise<void>;
}
