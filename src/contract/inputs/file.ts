// Parses files in requests: base64 or a data URL (RFC 2397), a media type found from the first bytes, and a bound on the size.
// Only the backbone decodes the content.
import { fromBase64InSteps, toBase64 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Steps } from "../../core/steps.ts";
import type { RowProblem } from "../row-problem.ts";
import { type FileContent, problemWith } from "./kind.ts";

/** A media type, and how its files begin: Latin-1 characters at offsets. */
export interface Signature {
  readonly mediaType: string;
  readonly begins: readonly (readonly [offset: number, characters: string])[];
  /** Other names of the media type, which a data URL may have. */
  readonly aliases?: readonly string[];
}

/** The properties in which kinds of files differ. */
export interface FileRules<Name extends string = string> {
  /** The name of the modality, and of the field in a request. */
  readonly name: Name;
  /** The phrase for such a file in errors. */
  readonly noun: string;
  readonly signatures: readonly Signature[];
  readonly mostBytes: number;
  /** The accepted formats, in words. */
  readonly formats: string;
}

/** Most characters of a file as base64, or as a data URL. */
export const charsOfFile = (bytes: number): number => 4 * Math.ceil(bytes / 3) + LIMITS.dataUrlPrefixChars;

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i;
const BASE64_ENDS = /;base64$/i;

/** The file that a request's field holds, or the problem with it. */
export function* parseFile(given: string, rules: FileRules): Steps<FileContent | RowProblem> {
  const { name, mostBytes } = rules;
  const url = given.slice(0, LIMITS.dataUrlPrefixChars).match(DATA_URL);
  if (/^data:/i.test(given) && !BASE64_ENDS.test(url?.[2] ?? ""))
    return problemWith(name, `${name} as a data URL must begin like data:${rules.signatures[0]?.mediaType};base64,`);
  const text = url ? given.slice(url[0].length) : given;
  if (text.length > charsOfFile(mostBytes)) return tooLarge(rules, Math.floor((text.length * 3) / 4));
  const bytes = yield* fromBase64InSteps(text, LIMITS.fileBytesPerTurn);
  if (!bytes) return problemWith(name, `${name} must be base64 or a data URL of ${rules.formats}`);
  return checkFile(bytes, url?.[1] ?? "", rules);
}

/** A file as an input. `told`: the media type that the caller gave; "" if none. */
function checkFile(bytes: Uint8Array<ArrayBuffer>, told: string, rules: FileRules): FileContent | RowProblem {
  const { name, mostBytes, signatures, formats } = rules;
  if (bytes.byteLength === 0) return problemWith(name, `${name} is empty`);
  if (bytes.byteLength > mostBytes) return tooLarge(rules, bytes.byteLength);
  const found = signatures.find(({ begins }) => begins.every(([offset, chars]) => hasAt(bytes, offset, chars)));
  if (!found) return problemWith(name, `${name} is not a file of ${formats}, by its first bytes`);
  const { mediaType, aliases = [] } = found;
  const isTold = told === "" || [mediaType, ...aliases].includes(told.toLowerCase());
  if (!isTold)
    return problemWith(name, `${name} is ${mediaType} by its first bytes, but its data URL says ${shown(told)}`);
  return { mediaType, bytes };
}

const tooLarge = ({ name, mostBytes }: FileRules, bytes: number): RowProblem =>
  problemWith(name, `${name} has ${bytes} bytes; the most is ${mostBytes}: make it smaller`);

const hasAt = (bytes: Uint8Array, offset: number, chars: string): boolean => {
  for (let i = 0; i < chars.length; i++) if (bytes[offset + i] !== chars.charCodeAt(i)) return false;
  return true;
};

const SHOWN_CHARS = 40;
const shown = (told: string): string => JSON.stringify(told.slice(0, SHOWN_CHARS).toWellFormed());

export const dataUrlOf = ({ mediaType, bytes }: FileContent): string => `data:${mediaType};base64,${toBase64(bytes)}`;
