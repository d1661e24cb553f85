// Labels on the wire: as callers send them, as new ones are stored, and as older ones may be stored.
import { normalLabel } from "../core/labels.ts";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { unreserved, wellFormed } from "./common.ts";

const BLANK = "must not be only white space";

/** An incoming label: trimmed and normalised here, so that later code never sees two spellings of one label. */
export const spelledLabel = wellFormed(
  boundedString(LIMITS.labelCharsSent).overwrite(normalLabel).min(1, BLANK).max(LIMITS.labelChars),
);

/** A label in a new example, head or patch. Labels that are already stored need not satisfy this. */
export const label = unreserved(spelledLabel);

/** A label as stored, by this service or in a file. Compare it by `normalLabel`. */
export const storedLabel = wellFormed(boundedString(LIMITS.labelChars).min(1).regex(/\S/, BLANK));
