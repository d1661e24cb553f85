// Tells the user of the compiler what is wrong with a model or a call: the place, what is there, and what was expected.
export class CompileError extends Error {
  constructor(place: string, detail: string) {
    super(`${place}: ${detail}`);
    this.name = "CompileError";
  }
}
