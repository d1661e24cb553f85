// Finds backbones by their ids: the built-in ones, one line each, and those of the operator's sources.
import type { BackboneId, BackboneView } from "../contract/backbones.ts";
import { logEvent } from "../core/log.ts";
import { type Backbone, BackboneAway, type BackboneContext } from "./backbone.ts";
import { features } from "./features.ts";
import { textEmbedded } from "./text-embedded.ts";

export type { Backbone };

/** The newest revision of each built-in backbone, which makes all new features. */
const BUILT_IN = new Map<BackboneId, (context: BackboneContext) => Backbone>([
  ["features", () => features],
  ["text-embedded", () => textEmbedded],
]);

/** Where the operator's own backbones are listed. A source must cache what it finds, because every request calls it. */
export interface BackboneSource {
  find(id: BackboneId, context: BackboneContext): Promise<Backbone | null>;
  list(context: BackboneContext): Promise<readonly BackboneView[]>;
}

const sources = new Set<BackboneSource>();

/**
 * Adds a source to this isolate. Returns a function that removes it. Among backbones with the same id, a built-in one wins, then
 * the one of the first source.
 */
export function addBackboneSource(source: BackboneSource): () => void {
  sources.add(source);
  return () => void sources.delete(source);
}

export const findBuiltIn = (id: BackboneId, context: BackboneContext): Backbone | undefined =>
  BUILT_IN.get(id)?.(context);

/** The backbone with this id. A built-in one is returned at once, not as a promise: predictions do not wait for it. */
export function findBackbone(id: BackboneId, context: BackboneContext): Backbone | Promise<Backbone | null> {
  return findBuiltIn(id, context) ?? findInSources(id, context);
}

/** Like `findBackbone`, but throws `backbone_unavailable` if there is no backbone with this id. */
export function backboneOf(id: BackboneId, context: BackboneContext): Backbone | Promise<Backbone> {
  const found = findBackbone(id, context);
  return found instanceof Promise ? found.then((backbone) => backbone ?? throwMissing(id)) : found;
}

/** All backbones, by id, without those of a source that fails. */
export async function listBackbones(context: BackboneContext): Promise<BackboneView[]> {
  const views = new Map<BackboneId, BackboneView>();
  for (const source of sources) {
    for (const view of await viewsOf(source, context)) if (!views.has(view.id)) views.set(view.id, view);
  }
  for (const [id, make] of BUILT_IN) views.set(id, viewOfBackbone(make(context)));
  return [...views.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The backbones of a source; none if the source fails, because the other backbones do not depend on it. */
async function viewsOf(source: BackboneSource, context: BackboneContext): Promise<readonly BackboneView[]> {
  try {
    return await source.list(context);
  } catch (error) {
    logEvent("error", "list_backbones_failed", { error: String(error) });
    return [];
  }
}

export const viewOfBackbone = ({ id, modality, dimension, shape, revision, description }: Backbone): BackboneView => ({
  id,
  modality,
  dimension,
  shape,
  revision,
  description,
  state: "ready",
});

async function findInSources(id: BackboneId, context: BackboneContext): Promise<Backbone | null> {
  for (const source of sources) {
    const found = await source.find(id, context);
    if (found) return found;
  }
  return null;
}

function throwMissing(id: BackboneId): never {
  const detail = `The backbone "${id}" is not registered with this service any more. Until its operator registers it again, its heads can be shown, exported and deleted, but do not embed inputs`;
  throw new BackboneAway(detail);
}
