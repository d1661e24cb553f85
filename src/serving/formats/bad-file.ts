// One form of fault for all problems of an imported file.
import { Fault } from "../../core/problems.ts";

export function badFile(pointer: string, detail: string): Fault {
  return new Fault("invalid_request", `The file${pointer && `: ${pointer}`} ${detail}`, {
    errors: [{ pointer, detail }],
  });
}

/** Names in a file may be arbitrarily long. This much of a name is enough to find it. */
const NAME_CHARS = 100;

/** An RFC 6901 pointer made of names from the file. */
export const pointerTo = (...names: readonly string[]): string =>
  names.map((name) => `/${name.slice(0, NAME_CHARS).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
