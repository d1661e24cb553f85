// AdamW.
export interface EpochsState {
  readonly parameters: Float32Array;
}
