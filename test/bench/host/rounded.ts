// Figures as benches print them in JSON: digits beyond what was measured only hide the ones that count.
export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
