// Finds the backbone of a head.
import { atIdentity, type Backbone, type BackboneContext } from "../../src/backbones/backbone.ts";
import { backboneOf } from "../../src/backbones/registry.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";

/** The head's backbone at its newest revision. Throws a fault if it is not registered any more. */
export type HeadBackbone = () => Backbone | Promise<Backbone>;

/** Makes the context with which backbones load their weights. */
export type Backbones = () => BackboneContext;

/** `backbones`: absent in tests of the storage, where no backbone is used. */
export const headBackbone =
  ({ backbone: { id } }: HeadConfig, backbones: Backbones = noBackbones): HeadBackbone =>
  () =>
    backboneOf(id, backbones());

/** The head's backbone at the revision that makes its features. */
export const ownBackbone = async ({ config, backbone }: OfHead): Promise<Backbone> =>
  atIdentity(await backbone(), config.backbone);

interface OfHead {
  readonly config: HeadConfig;
  readonly backbone: HeadBackbone;
}

function noBackbones(): never {
  throw new Error("This head was opened without a context for backbones");
}
