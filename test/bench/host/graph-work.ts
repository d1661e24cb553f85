// What the sides of a bench of backbones are asked for, and what they answer.

export interface GraphWork {
  readonly count: number;
  /** Tokens of each input; empty for pictures. */
  readonly lengths: readonly number[];
  /** Ids, or the numbers of pictures [count][height][width][3]. */
  readonly numbers: readonly number[];
  readonly taps: readonly string[];
}

export const inputsOf = ({ count, lengths, numbers }: GraphWork) => ({
  count,
  lengths,
  values: lengths.length > 0 ? Int32Array.from(numbers) : Float32Array.from(numbers),
});

export interface GraphSide {
  readonly name: string;
  /** Milliseconds of one run. */
  run(work: GraphWork): Promise<number>;
  /** Bytes of its memory of WebAssembly; null: unknown. */
  heapBytes(): number | null;
  stop(): Promise<void>;
}
