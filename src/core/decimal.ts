// Decimal numbers written as text: one strict rule for every place that reads them.

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that `text` writes in decimal, ignoring blanks around it; null for anything else that `Number` would take, such as "", "0x10" and "Infinity". */
export function decimalOf(text: string): number | null {
  const trimmed = text.trim();
  return DECIMAL.test(trimmed) ? Number(trimmed) : null;
}
