// The change of rate by its definition: a sinc under a Kaiser window, in float64, with the functions of the engine.

const HALF_LENGTH = 52;
const CUTOFF = 0.95;
const BETA = 8.08;

function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let n = 1; n < 60; n++) {
    term *= (x / 2 / n) ** 2;
    sum += term;
  }
  return sum;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

export function resampledPlainly(samples: Float32Array, from: number, to: number): number[] {
  const width = Math.min(1, to / from);
  const reach = Math.ceil(HALF_LENGTH / width);
  return Array.from({ length: Math.ceil((samples.length * to) / from) }, (_, output) => {
    const moment = output * from;
    const nearest = Math.floor(moment / to);
    const fraction = (moment % to) / to;
    let [sum, total] = [0, 0];
    for (let place = 1 - reach; place <= reach; place++) {
      const distance = place - fraction;
      const height = 1 - ((distance * width) / HALF_LENGTH) ** 2;
      if (height <= 0) continue;
      const weight = sinc(CUTOFF * width * distance) * bessel(BETA * Math.sqrt(height));
      total += weight;
      sum += weight * (samples[nearest + place] ?? 0);
    }
    return sum / total;
  });
}
