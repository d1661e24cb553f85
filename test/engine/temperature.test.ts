// Temperature scaling on logits with a known right temperature.
import { describe, expect, it } from "vitest";
import { isSet, packSets, sigmoid } from "../../src/engine/heads/sigmoid.ts";
import { softmaxRow } from "../../src/engine/heads/softmax.ts";
import {
  addClassSlopes,
  addSetSlopes,
  narrowTemperature,
  searchFrom,
  startTemperature,
} from "../../src/engine/temperature.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

const CLASSES = 4;

/** The class whose share of [0, 1) contains `point`. */
function drawn(shares: Float64Array, point: number): number {
  let rest = point;
  for (let k = 0; k < shares.length; k++) {
    rest -= shares[k] as number;
    if (rest < 0) return k;
  }
  return shares.length - 1;
}

/** Logits, and labels drawn from their softmax: calibrated at temperature 1. */
function calibrated(rows: number, seed = 1): { logits: Float32Array; labels: Int32Array } {
  const random = seededRandom(seed);
  const logits = normals(random, rows * CLASSES, 1.5);
  const p = new Float64Array(CLASSES);
  const labels = Int32Array.from({ length: rows }, (_, r) => {
    softmaxRow(logits.subarray(r * CLASSES, (r + 1) * CLASSES), 1, p);
    return drawn(p, random.next());
  });
  return { logits, labels };
}

/** Searches over rows passed in blocks of `size`. */
function temperatureOf(logits: Float32Array, labels: Int32Array, size = labels.length, start = startTemperature) {
  const classes = logits.length / Math.max(1, labels.length);
  let search = start;
  while (search.done === false) {
    const sums = { first: 0, second: 0 };
    for (let from = 0; from < labels.length; from += size) {
      const to = Math.min(from + size, labels.length);
      addClassSlopes(sums, logits.subarray(from * classes, to * classes), labels.subarray(from, to), search.beta);
    }
    search = narrowTemperature(search, sums);
  }
  return search;
}

/** Σ −ln softmax(β·z)[label]. */
function lossAt({ logits, labels }: { logits: Float32Array; labels: Int32Array }, beta: number): number {
  const p = new Float64Array(CLASSES);
  return labels.reduce((sum, label, r) => {
    softmaxRow(logits.subarray(r * CLASSES, (r + 1) * CLASSES), beta, p);
    return sum - Math.log(p[label] as number);
  }, 0);
}

describe("the search for a temperature", () => {
  it.each([0.4, 1e9, 1e-9, Number.POSITIVE_INFINITY])(
    "finds the same temperature from β = %f, inside or outside its bracket",
    (beta) => {
      const { logits, labels } = calibrated(2_000);
      const multiplied = logits.map((z) => 2.5 * z);
      const from = temperatureOf(multiplied, labels, labels.length, searchFrom(beta));
      expect(from.beta / temperatureOf(multiplied, labels).beta).toBeCloseTo(1, 4);
    },
  );

  it("takes fewer passes if it starts from its previous result", () => {
    const { logits, labels } = calibrated(2_000);
    const multiplied = logits.map((z) => 10 * z);
    const first = temperatureOf(multiplied, labels);
    const again = temperatureOf(multiplied, labels, labels.length, searchFrom(first.beta));
    expect(again.iterations).toBeLessThan(first.iterations);
  });

  it.each([0.3, 1, 2.5, 10])("finds that logits were multiplied by %f", (factor) => {
    const { logits, labels } = calibrated(20_000);
    const { beta } = temperatureOf(
      logits.map((z) => z * factor),
      labels,
    );
    expect(beta * factor).toBeGreaterThan(0.97);
    expect(beta * factor).toBeLessThan(1.03);
  });

  it("ends where the slopes of the cross-entropy and of its prior cancel", () => {
    const data = calibrated(500);
    const { beta } = temperatureOf(data.logits, data.labels);
    const { first } = addClassSlopes({ first: 0, second: 0 }, data.logits, data.labels, beta);
    expect(first + (10 * Math.log(beta)) / beta).toBeCloseTo(0, 1);
  });

  it("ends in few passes", () => {
    const { logits, labels } = calibrated(2_000);
    expect(
      temperatureOf(
        logits.map((z) => 30 * z),
        labels,
      ).iterations,
    ).toBeLessThanOrEqual(30);
    expect(temperatureOf(logits, labels).iterations).toBeLessThanOrEqual(6);
  });

  it("gives the same result for blocks of any size", () => {
    const { logits, labels } = calibrated(301);
    expect(temperatureOf(logits, labels, 7).beta).toBeCloseTo(temperatureOf(logits, labels).beta, 9);
  });

  it("hardly changes the scores of a handful of rows that are all right, or all wrong", () => {
    const logits = Float32Array.of(2, 0, 0, 2, 2, 0);
    const right = temperatureOf(logits, Int32Array.of(0, 1, 0)).beta;
    const wrong = temperatureOf(logits, Int32Array.of(1, 0, 1)).beta;
    expect(right).toBeGreaterThan(1);
    expect(right).toBeLessThan(1.1);
    expect(wrong).toBeLessThan(1);
    expect(wrong).toBeGreaterThan(0.4);
  });

  it("stays finite and positive for logits without information, or with extreme values", () => {
    const labels = integers(seededRandom(2), 100, CLASSES);
    for (const scale of [0, 1e-20, 1e6, 1e30]) {
      const { beta } = temperatureOf(normals(seededRandom(3), 100 * CLASSES, scale), labels);
      expect(beta).toBeGreaterThan(0);
      expect(beta).toBeLessThanOrEqual(100);
    }
  });

  it("returns 1 for zero rows", () => {
    expect(temperatureOf(new Float32Array(), new Int32Array()).beta).toBeCloseTo(1, 5);
  });

  // A slope of exactly zero once moved the upper end of the bracket onto β. Newton's step of zero then counted as outside the
  // bracket, and the search bisected for some 20 passes, to 0.9999995.
  it("ends after one pass if the slope is already zero", () => {
    const search = temperatureOf(new Float32Array(20), Int32Array.of(0, 1, 2, 3, 0));
    expect([search.beta, search.iterations]).toEqual([1, 1]);
  });
});

it("the slopes are the derivatives of the cross-entropy, as checked by finite differences", () => {
  const data = calibrated(50);
  const [beta, step] = [0.7, 1e-4];
  const { first, second } = addClassSlopes({ first: 0, second: 0 }, data.logits, data.labels, beta);
  const [below, at, above] = [lossAt(data, beta - step), lossAt(data, beta), lossAt(data, beta + step)];
  expect((above - below) / (2 * step)).toBeCloseTo(first, 4);
  expect((above - 2 * at + below) / step ** 2).toBeCloseTo(second, 3);
});

describe("the temperature of label sets", () => {
  const [ROWS, LABELS] = [20_000, 9];
  const random = seededRandom(5);
  const logits = normals(random, ROWS * LABELS, 1.5);
  const sets = packSets(
    Array.from({ length: ROWS }, (_, r) =>
      Array.from({ length: LABELS }, (_label, k) => k).filter(
        (k) => random.next() < sigmoid(logits[r * LABELS + k] as number),
      ),
    ),
    LABELS,
  );

  /** Σ over rows of the mean binary cross-entropy per label. */
  const lossOfSets = (beta: number): number =>
    logits.reduce((sum, z, i) => {
      const [row, k] = [Math.floor(i / LABELS), i % LABELS];
      return sum - Math.log(sigmoid((isSet(sets, row, k, LABELS) ? beta : -beta) * z)) / LABELS;
    }, 0);

  it.each([0.3, 1, 4])("shows that logits were multiplied by %f", (factor) => {
    const multiplied = logits.map((z) => z * factor);
    let search = startTemperature;
    while (search.done === false) {
      search = narrowTemperature(search, addSetSlopes({ first: 0, second: 0 }, multiplied, sets, search.beta, ROWS));
    }
    expect(Math.abs(search.beta * factor - 1)).toBeLessThan(0.05);
  });

  it("has slopes that are the derivatives of the mean cross-entropy per label, as checked by finite differences", () => {
    const [beta, step] = [0.7, 1e-3];
    const { first, second } = addSetSlopes({ first: 0, second: 0 }, logits, sets, beta, ROWS);
    const [below, at, above] = [lossOfSets(beta - step), lossOfSets(beta), lossOfSets(beta + step)];
    expect((above - below) / (2 * step) / first).toBeCloseTo(1, 3);
    expect((above - 2 * at + below) / step ** 2 / second).toBeCloseTo(1, 2);
  });
});
