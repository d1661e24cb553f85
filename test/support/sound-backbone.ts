// A backbone for sounds that the tests register as an operator does, because no built-in backbone takes files. The feature of a
// sound is its size.
import type { Backbone } from "../../src/backbones/backbone.ts";
import { addBackboneSource, viewOfBackbone } from "../../src/backbones/registry.ts";
import type { AudioInput } from "../../src/contract/inputs/audio.ts";

const soundSizes: Backbone<AudioInput> = {
  id: "sound-sizes",
  modality: "audio",
  dimension: 1,
  shape: "vector",
  revision: "1",
  older: [],
  description: "Sizes of sounds",
  recipe: {},
  embed: async (inputs) => ({ values: Float32Array.from(inputs, ({ bytes }) => bytes.length), tokens: null }),
};

addBackboneSource({
  find: async (id) => (id === soundSizes.id ? (soundSizes as Backbone) : null),
  list: async () => [viewOfBackbone(soundSizes as Backbone)],
});
