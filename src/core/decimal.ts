// One strict parser for decimal numbers in text, used everywhere.

/** No two parts can match the same digits, so a long text that is not a number takes linear time. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The decimal number in `text`, ignoring white space around it. null for anything else, including what `Number` accepts: "",
 * "0x10", "Infinity".
 */
export function decimalOf(text: string): number | null {
  const trimmed = text.trim();
  return DECIMAL.test(trimmed) ? Number(trimmed) : null;
}
