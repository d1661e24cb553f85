// Pictures and sounds made by formulas, with a seed: no model has seen them, and they are the same everywhere.
import type { AudioPreprocessing, ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import { floats, type Tensor } from "../tensor.ts";

const SAMPLE_COUNT = 8;

/** Numbers in [0, 1) (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Wave = readonly [across: number, down: number, phase: number, size: number];

/** [1, 3, height, width]: in each channel waves of several directions and lengths, an edge, and some noise. */
export function pictures({ size: [height, width], mean, deviation }: ImagePreprocessing): Tensor[] {
  return Array.from({ length: SAMPLE_COUNT }, (_, picture) => {
    const random = seeded(picture + 1);
    const data = new Float32Array(3 * height * width);
    for (let channel = 0; channel < 3; channel++) {
      const waves = Array.from({ length: 5 }, (): Wave => [random() * 30, random() * 30, random() * 7, random() * 60]);
      const [edge, base] = [random(), 60 + random() * 120];
      for (let at = 0; at < height * width; at++) {
        const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
        const level = base + (x * 0.7 + y * 0.3 < edge ? 40 : -40) + (random() - 0.5) * 20;
        const value = waves.reduce(
          (sum, [across, down, phase, most]) => sum + most * Math.sin(across * x + down * y + phase),
          level,
        );
        const pixel = Math.min(255, Math.max(0, value));
        data[channel * height * width + at] = (pixel - (mean[channel] as number)) / (deviation[channel] as number);
      }
    }
    return floats([1, 3, height, width], data);
  });
}

/** [1, samples]: tones that glide and swell, with harmonics, over noise. */
export function sounds({ samplesPerSecond, windowSamples }: AudioPreprocessing): Tensor[] {
  return Array.from({ length: SAMPLE_COUNT }, (_, sound) => {
    const random = seeded(sound + 101);
    const [pitch, glide, beat, noise] = [80 + random() * 800, (random() - 0.5) * 400, 1 + random() * 8, random() * 0.1];
    const data = Float32Array.from({ length: windowSamples }, (_, at) => {
      const seconds = at / samplesPerSecond;
      const phase = 2 * Math.PI * seconds * (pitch + glide * seconds);
      const tone = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(5 * phase);
      return 0.25 * tone * (0.5 + 0.5 * Math.sin(2 * Math.PI * beat * seconds)) + noise * (random() - 0.5);
    });
    return floats([1, windowSamples], data);
  });
}
