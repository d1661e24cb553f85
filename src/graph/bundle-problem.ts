// What is wrong with a bundle, and where. It is found before anything runs.
export class BundleProblem extends Error {
  constructor(place: string, problem: string) {
    super(`The bundle cannot run: ${place}: ${problem}`);
    this.name = "BundleProblem";
  }
}

/** What an operation finds wrong with its shapes or weights. The loader adds its name. */
export class Mismatch extends Error {}

export function must(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Mismatch(problem);
}
