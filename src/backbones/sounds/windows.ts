// Cuts a sound into windows as YAMNet's reference does (models/research/audioset/yamnet/features.py of TensorFlow): one window, and one
// more for each hop that was begun after it. Zeros fill the last one.
import type { AudioPreprocessing } from "../../contract/bundle/bundle.ts";

type Cutting = Pick<AudioPreprocessing, "windowSamples" | "hopSamples">;

export function windowCount(samples: number, { windowSamples, hopSamples }: Cutting): number {
  return 1 + Math.ceil(Math.max(0, samples - windowSamples) / hopSamples);
}

/** [to − from][windowSamples]: the windows from `from` to `to`, by default all. */
export function windowsOf(
  samples: Float32Array,
  cutting: Cutting,
  from = 0,
  to = windowCount(samples.length, cutting),
): Float32Array {
  const { windowSamples, hopSamples } = cutting;
  const windows = new Float32Array((to - from) * windowSamples);
  for (let window = from; window < to; window++) {
    const first = window * hopSamples;
    windows.set(samples.subarray(first, first + windowSamples), (window - from) * windowSamples);
  }
  return windows;
}
