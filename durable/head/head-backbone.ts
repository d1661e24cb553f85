// Finds the backbone of a head.
import { atIdentity, type Backbone, type BackboneContext } from "../../src/backbones/backbone.ts";
import { backboneOf } from "../../src/backbones/registry.ts";
import type { HeadConfig } from "../../src/contract/rpc.ts";

/** The head's backbone at its newest revision. Throws a fault if it is not registered any more. */
export type HeadBackbone = () => Backbone | Promise<Backbone>;

/** What backbones load their weights with. */
export type Backbones = () => BackboneContext;

/** Without `backbones`, as in tests of the storage, there is no backbone. */
export const headBackbone =
  ({ backbone: { id } }: HeadConfig, backbones: Backbones = noBackbones): HeadBackbone =>
  () =>
    backboneOf(id, backbones());

/** The same at the head's revision, which makes its features. */
export const ownBackbone = async ({ config, backbone }: OfHead): Promise<Backbone> =>
  atIdentity(await backbone(), config.backbone);

interface OfHead {
  readonly config: HeadConfig;
  readonly backbone: HeadBackbone;
}

function noBackbones(): never {
  throw new Error("This head was opened without what backbones need");
}
