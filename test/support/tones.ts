// Measures a tone in samples. `frequency`: in turns a sample.

/** The amplitude of the tone, under a Hann window, which hides what is farther than two steps of the transform. */
export function sizeOfTone(samples: Float32Array, frequency: number): number {
  let [real, imaginary, total] = [0, 0, 0];
  for (let at = 0; at < samples.length; at++) {
    const weight = 1 - Math.cos((2 * Math.PI * (at + 0.5)) / samples.length);
    const angle = 2 * Math.PI * frequency * at;
    real += weight * (samples[at] as number) * Math.cos(angle);
    imaginary += weight * (samples[at] as number) * Math.sin(angle);
    total += weight;
  }
  return (2 * Math.hypot(real, imaginary)) / total;
}

/** The largest sample of what is left without the tone, which is fitted by least squares. */
export function residualOf(samples: Float32Array, frequency: number): number {
  const waves = [Math.sin, Math.cos].map((wave) =>
    Float64Array.from(samples, (_, at) => wave(2 * Math.PI * frequency * at)),
  ) as [Float64Array, Float64Array];
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
    return sum;
  };
  const [sine, cosine] = waves;
  const [ss, sc, cc] = [dot(sine, sine), dot(sine, cosine), dot(cosine, cosine)];
  const [xs, xc] = [dot(samples, sine), dot(samples, cosine)];
  const [a, b] = [(xs * cc - xc * sc) / (ss * cc - sc * sc), (xc * ss - xs * sc) / (ss * cc - sc * sc)];
  return Math.max(
    ...samples.map((value, at) => Math.abs(value - a * (sine[at] as number) - b * (cosine[at] as number))),
  );
}
