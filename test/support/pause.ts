// A pause in a test or a bench.

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
