// What a backbone is: a frozen function from an input to a feature vector, with an identity that its features carry.
import type { BackboneView } from "../contract/backbones.ts";
import type { Input, RowProblem } from "../contract/inputs.ts";
import { canonicalJson, sha256Hex, utf8 } from "../core/bytes.ts";
import type { Turn } from "../core/turns.ts";

/** An input as the backbone takes it, checked. */
export interface ParsedInput {
  /** What the digest is of: made when it is asked for, as most predictions never do. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** The text, where the input is one: kept so that it can be searched and exported. */
  readonly text: string | null;
  /** The vector, where the input is one already. */
  readonly features: Float32Array | null;
}

/** An input as it was written, or with its vector read already. */
export type GivenInput = Omit<Input, "features"> & { readonly features?: Input["features"] | Float32Array };

export interface Backbone extends BackboneView {
  /** Everything that decides the bits of a feature, beside the dimension; digested into the identity. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** The input as `embed` takes it, or what is wrong with it. */
  parse(input: GivenInput, dimension: number): ParsedInput | RowProblem;
  /** [inputs][dimension], in order. Awaits `turn` after every few milliseconds of counted work; a few short inputs take none. */
  embed(inputs: readonly ParsedInput[], dimension: number, turn?: Turn): Promise<Float32Array>;
}

/** Features of different identities never mix: SHA-256 of id, revision, recipe and dimension. */
export async function identityOf(backbone: Backbone, dimension: number): Promise<string> {
  const { id, revision, recipe } = backbone;
  return `sha256:${await sha256Hex(utf8(canonicalJson({ id, revision, recipe, dimension })))}`;
}

/** SHA-256 of an input, lower-case hex: equal inputs share one feature. */
export const digestOf = ({ bytes }: ParsedInput): Promise<string> => sha256Hex(bytes());
