// Time that a test or a bench lets go by.

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
