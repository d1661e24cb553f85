// The system's randomness, as the argument that ids and keys take.
import type { RandomBytes } from "./ids.ts";

export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
