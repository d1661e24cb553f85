// Normalises labels: two spellings that look alike are one label.

/** Printable ASCII without spaces at its ends, which nearly every label is: already normalised. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Unicode normalisation form C (UAX #15), without white space at the ends. Idempotent. */
export const normalLabel = (text: string): string => (PLAIN.test(text) ? text : text.normalize("NFC").trim());
