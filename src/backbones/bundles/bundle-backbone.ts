// A bundle as a backbone. What a request needs to know without loading it is stated beside its digest.
import type { BundleTap } from "../../contract/bundle/bundle.ts";
import type { ParsedInput } from "../../contract/inputs.ts";
import { kernelModule } from "../../graph/kernels/module.ts";
import { type Backbone, BackboneAway, type BackboneContext } from "../backbone.ts";
import { MOST_WINDOWS } from "../texts/windows.ts";
import type { BundleFiles } from "./bundle-files.ts";
import { type BundleHost, bundlesIn } from "./loaded-bundles.ts";

/** Raise this when inputs are read in another way than before: their features get another identity. */
const READING = 1;

export interface StatedBundle {
  readonly id: string;
  readonly digest: string;
  readonly modality: ParsedInput["modality"];
  /** The names of the taps whose features stand side by side, in this order, and the dimension of all of them. */
  readonly taps: readonly string[];
  readonly dimension: number;
  readonly description: string;
}

const hostOf = ({ memory }: BackboneContext): BundleHost => ({
  kernels: kernelModule,
  memory,
  now: () => Date.now(),
  wait: (ms) => scheduler.wait(ms),
});

export function bundleBackbone(
  stated: StatedBundle,
  files: BundleFiles,
  context: BackboneContext,
  older: readonly Backbone[] = [],
): Backbone {
  const { id, digest, modality, taps, dimension, description } = stated;
  return {
    id,
    modality,
    dimension,
    shape: "vector",
    revision: digest,
    older,
    description,
    recipe: { bundle: digest, taps, windows: MOST_WINDOWS, reading: READING },
    embed: async (inputs, _, turns) => {
      const bundles = bundlesIn(context.memory, () => hostOf(context));
      const { bundle, embed } = await bundles.get(stated, files);
      return embed(inputs, tapsNamed(stated, bundle.taps), turns);
    },
  };
}

function tapsNamed({ id, taps, dimension }: StatedBundle, all: readonly BundleTap[]): readonly BundleTap[] {
  const found = taps.flatMap((name) => all.find((tap) => tap.name === name) ?? []);
  if (found.length === taps.length && found.reduce((sum, tap) => sum + tap.dimension, 0) === dimension) return found;
  throw new BackboneAway(`The bundle of the backbone "${id}" does not have the taps that it should have`);
}
