// One form for every label that comes in: two spellings that look alike are one label.

/** Printable ASCII without a blank at either end: in its normal form already, which is nearly every label. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Unicode normalisation form C (UAX #15), without white space at either end. Applying it twice changes nothing more. */
export const normalLabel = (text: string): string => (PLAIN.test(text) ? text : text.normalize("NFC").trim());
