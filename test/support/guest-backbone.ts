// A text backbone that is registered as an operator does, and looked up like any other.
import { env } from "cloudflare:workers";
import { type Backbone, BackboneAway, type BackboneContext } from "../../src/backbones/backbone.ts";
import { addBackboneSource, viewOfBackbone } from "../../src/backbones/registry.ts";
import { textEmbedded } from "../../src/backbones/text-embedded.ts";
import type { TextInput } from "../../src/contract/inputs/text.ts";
import { type Bindings, readEnv } from "../../src/env.ts";

/** The context that this deployment gives to backbones. */
export const backboneContext = (): BackboneContext => readEnv(env as unknown as Bindings).backbones;

/** The text backbone with another id. Its features have the same bits. */
export const guestBackbone = (id: string, more: Partial<Backbone> = {}): Backbone => ({
  ...textEmbedded,
  id,
  revision: "guest-1",
  description: "A text backbone of the operator",
  older: [],
  ...more,
});

/** Registers a backbone in this isolate. Returns a function that removes it. */
export const register = (backbone: Backbone): (() => void) =>
  addBackboneSource({
    find: async (id) => (id === backbone.id ? backbone : null),
    list: async () => [viewOfBackbone(backbone)],
  });

/** A registered backbone whose availability the test controls. */
export interface ControlledBackbone {
  isAway: boolean;
  /** A text that the backbone fails to embed. */
  refused?: string;
  /** The number of inputs that were embedded since the test began. */
  embedded: number;
  /** Called before each batch. */
  onEmbed: () => void | Promise<void>;
}

/** Registers a backbone that is away while the test sets `isAway`. */
export function registerControlledBackbone(id: string): ControlledBackbone {
  const controlled: ControlledBackbone = { isAway: false, embedded: 0, onEmbed: () => undefined };
  const embed: Backbone["embed"] = async (inputs, dimension, turn) => {
    await controlled.onEmbed();
    if (controlled.isAway) throw new BackboneAway("The guest is away", 1);
    if (inputs.some((input) => (input as TextInput).text === controlled.refused))
      throw new Error("The text is refused");
    controlled.embedded += inputs.length;
    return textEmbedded.embed(inputs as TextInput[], dimension, turn);
  };
  register(guestBackbone(id, { embed }));
  return controlled;
}
