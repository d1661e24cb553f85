// The system's source of randomness, in the form that functions for ids and keys take.
import type { RandomBytes } from "./ids.ts";

export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
