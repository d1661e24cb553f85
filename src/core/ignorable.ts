// Invisible characters: Default_Ignorable_Code_Point of Unicode 16. It covers zero-width characters, soft
// hyphens, joiners, bidi controls, variation selectors, tag characters and Hangul fillers. The ranges are written out, so that a
// newer Unicode version in the runtime does not change the bits of a feature.

const RANGES =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164" +
  "\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";

const IGNORABLES = new RegExp(`[${RANGES}]+`, "gu");
const SEEN = new RegExp(`[^\\s${RANGES}]`, "u");

/** The text without invisible characters. */
export const withoutIgnorables = (text: string): string => text.replace(IGNORABLES, "");

/** Whether nothing in the text is visible: it has only white space and ignorable characters. */
export const isBlank = (text: string): boolean => !SEEN.test(text);
