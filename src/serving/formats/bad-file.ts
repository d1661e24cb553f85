// What is wrong with a file that came to be imported, said in one way.
import { Fault } from "../../core/problems.ts";

export function badFile(pointer: string, detail: string): Fault {
  return new Fault("invalid_request", `The file: ${pointer || "/"} ${detail}`, { errors: [{ pointer, detail }] });
}

/** Names in a file may be anything: enough of one to find it by is told. */
const NAME_CHARS = 100;

/** An RFC 6901 pointer to names out of the file. */
export const pointerTo = (...names: readonly string[]): string =>
  names.map((name) => `/${name.slice(0, NAME_CHARS).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
