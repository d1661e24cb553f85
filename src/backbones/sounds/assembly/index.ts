// Exports of the kernels of sounds. They take addresses in a memory of their own, and trust them: the caller has checked all sizes.
export { filterAt, filterBetween } from "./filter";
export { readFrames } from "./frames";
