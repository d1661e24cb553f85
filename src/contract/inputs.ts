// The interface to inputs of every kind: the fields of a request that hold an input, and the functions on a parsed input. Other
// files do not depend on the kind.
import { z } from "@hono/zod-openapi";
import { piecesOfBytes, sha256Hex, sha256HexOfPieces } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Turns } from "../core/turns.ts";
import type { InputKind, MappedAs, StoredContent, StoredForm } from "./inputs/kind.ts";
import { INPUT_KINDS } from "./inputs/registry.ts";
import type { RowProblem } from "./row-problem.ts";

export type { MappedAs, StoredContent, StoredForm };

type Kinds = typeof INPUT_KINDS;

/** The kind of the inputs of a backbone, and of a head. */
export type Modality = keyof Kinds;
export const MODALITIES = Object.keys(INPUT_KINDS) as [Modality, ...Modality[]];

/** A valid input, by its modality. */
export type ParsedInput = { [One in Modality]: Exclude<ReturnType<Kinds[One]["parse"]>, RowProblem> }[Modality];

type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? { readonly [Name in keyof All]: All[Name] }
  : never;

export const inputFields = Object.assign({}, ...MODALITIES.map((name) => INPUT_KINDS[name].fields)) as Merged<
  Kinds[Modality]["fields"]
>;

/** The fields of a request that hold an input, of all kinds. */
export type InputField = keyof typeof inputFields;
export const INPUT_FIELDS = Object.keys(inputFields) as InputField[];

export const isInputField = (name: string): name is InputField => Object.hasOwn(inputFields, name);

/** One value for each field that holds an input. */
export const forInputFields = <Value>(value: Value): { readonly [Name in InputField]: Value } =>
  Object.fromEntries(INPUT_FIELDS.map((name) => [name, value])) as { [Name in InputField]: Value };

export const input = z.strictObject(inputFields).openapi("Input", {
  description: "Exactly one of the fields, matching the backbone's modality",
  example: { text: "where is my parcel?" },
});
export type Input = z.infer<typeof input>;

/** An input as the caller wrote it, or with its vector already decoded. */
export type GivenInput = Omit<Input, "features"> & {
  readonly features?: Input["features"] | readonly number[] | Float32Array;
};

type AnyKind = InputKind<GivenInput, ParsedInput>;

const KINDS: Readonly<Record<Modality, AnyKind>> = INPUT_KINDS;

export const kindOf = (modality: Modality): AnyKind => KINDS[modality];

const OWN_FIELDS: ReadonlyMap<Modality, readonly InputField[]> = new Map(
  MODALITIES.map((name) => [name, Object.keys(KINDS[name].fields) as InputField[]]),
);

/** The fields that hold an input of a modality. */
export const fieldsOf = (modality: Modality): readonly InputField[] => OWN_FIELDS.get(modality) ?? [];

const MAPPED_AS = new Map(MODALITIES.flatMap((name) => fieldsOf(name).map((field) => [field, KINDS[name].mappedAs])));

/** How a mapping reads a field of an input from a payload. */
export const mappedAs = (field: InputField): MappedAs => MAPPED_AS.get(field) ?? "text";

/** An input of a modality as a request has it, to be shown in problems. */
export function formOfInput(modality: Modality): string {
  const fields = fieldsOf(modality).map((name) => `"${name}": ${mappedAs(name) === "json" ? "[…]" : '"…"'}`);
  return `{${fields.join(", ")}}`;
}

/** The parsed input, or the problem with it: another kind, several, none, or a bad value. */
export function parseInput(given: GivenInput, modality: Modality, dimension: number): ParsedInput | RowProblem {
  return wrongFields(given, modality) ?? KINDS[modality].parse(given, dimension);
}

/** Like `parseInput`, with turns of the event loop while a large file is decoded. */
export async function parseInputInTurns(
  given: GivenInput,
  modality: Modality,
  dimension: number,
  turns: Turns,
): Promise<ParsedInput | RowProblem> {
  const kind = KINDS[modality];
  if (!kind.parseInSteps) return parseInput(given, modality, dimension);
  return wrongFields(given, modality) ?? turns.run(kind.parseInSteps(given));
}

function wrongFields(input: GivenInput, modality: Modality): RowProblem | null {
  const own = fieldsOf(modality);
  if (hasExactly(input, own)) return null;
  const given = INPUT_FIELDS.filter((name) => input[name] !== undefined);
  const got = given.length === 0 ? "none" : given.join(" and ");
  const wanted = own.map((name) => `"${name}"`).join(" with ");
  const detail = `this head takes exactly one input, ${wanted}; got ${got}`;
  return { code: "invalid_input", detail, pointer: given[0] ? `/${given[0]}` : "" };
}

/** Allocates nothing: it runs once for each vector of a prediction. */
function hasExactly(input: GivenInput, fields: readonly InputField[]): boolean {
  for (const name of INPUT_FIELDS) if ((input[name] !== undefined) !== fields.includes(name)) return false;
  return true;
}

/** The bytes that an input's digest covers. */
export const digestedBytes = (of: ParsedInput): Uint8Array<ArrayBuffer> => KINDS[of.modality].digested(of);

/** SHA-256 of an input, lower-case hex: equal inputs share one feature. */
export const digestOf = (of: ParsedInput): Promise<string> => sha256Hex(digestedBytes(of));

/** Like `digestOf`, with turns of the event loop while a large file is digested. */
export function digestInTurns(of: ParsedInput, turns: Turns): Promise<string> {
  const bytes = digestedBytes(of);
  const perTurn = LIMITS.fileBytesPerTurn;
  return bytes.byteLength <= perTurn ? sha256Hex(bytes) : sha256HexOfPieces(piecesOfBytes(bytes, perTurn), turns);
}

/** The fields of a request for this input. */
export const writtenInput = (of: ParsedInput): Input => KINDS[of.modality].written(of);

/** The part of an input that a head stores in addition to its feature. */
export const contentOf = (of: ParsedInput): StoredContent => KINDS[of.modality].stored(of);
