// Rounds figures for JSON output: digits beyond the precision of the measurement are noise.
export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
