// Defines a backbone: a frozen function from an input to a feature vector, with an identity that its features carry.
import type { BackboneView } from "../contract/backbones.ts";
import type { Input } from "../contract/inputs.ts";
import type { RowProblem } from "../contract/row-problem.ts";
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/json-text.ts";
import type { Turn } from "../core/turns.ts";

/** A checked input, ready for the backbone. */
export interface ParsedInput {
  /** The bytes that the digest covers. Made on demand, because most predictions need no digest. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** The text of a text input, stored for search and export; else null. */
  readonly text: string | null;
  /** The vector of a features input; else null. */
  readonly features: Float32Array | null;
}

/** An input as the caller wrote it, or with its vector already decoded. */
export type GivenInput = Omit<Input, "features"> & { readonly features?: Input["features"] | Float32Array };

export interface Backbone extends BackboneView {
  /** Everything except the dimension that decides the bits of a feature. The identity digests it. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** The parsed input for `embed`, or the problem with it. */
  parse(input: GivenInput, dimension: number): ParsedInput | RowProblem;
  /** Returns [inputs][dimension], in order. Awaits `turn` after every few milliseconds of counted work; never for a few short inputs. */
  embed(inputs: readonly ParsedInput[], dimension: number, turn?: Turn): Promise<Float32Array>;
}

/** SHA-256 of id, revision, recipe and dimension. Features of different identities must not mix. */
export async function identityOf(backbone: Backbone, dimension: number): Promise<string> {
  const { id, revision, recipe } = backbone;
  return `sha256:${await sha256Hex(utf8(canonicalJson({ id, revision, recipe, dimension })))}`;
}

/** SHA-256 of an input, lower-case hex: equal inputs share one feature. */
export const digestOf = ({ bytes }: ParsedInput): Promise<string> => sha256Hex(bytes());
