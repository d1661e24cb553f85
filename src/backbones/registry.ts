// Every backbone by its id on the wire. A new id does not compile until its backbone is here.
import type { BackboneId } from "../contract/backbones.ts";
import type { Backbone } from "./backbone.ts";
import { features } from "./features.ts";
import { textEmbedded } from "./text-embedded.ts";

export const BACKBONE_BY_ID: Readonly<Record<BackboneId, Backbone>> = { features, "text-embedded": textEmbedded };
