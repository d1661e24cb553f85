// Every backbone by its id on the wire, and its older revisions. A new id does not compile until its backbone is here.
import type { BackboneId } from "../contract/backbones.ts";
import { type Backbone, identityOf } from "./backbone.ts";
import { features } from "./features.ts";
import { textEmbedded, textRevision3 } from "./text-embedded.ts";

/** The newest revision of each backbone, which makes all new features. */
export const BACKBONE_BY_ID: Readonly<Record<BackboneId, Backbone>> = { features, "text-embedded": textEmbedded };

/** Older revisions. Versions that were trained on one keep using it. */
export const OLDER_REVISIONS: Readonly<Record<BackboneId, readonly Backbone[]>> = {
  features: [],
  "text-embedded": [textRevision3],
};

/** The backbone at an older revision. */
export function olderBackbone(id: BackboneId, revision: string): Backbone {
  const backbone = OLDER_REVISIONS[id].find((older) => older.revision === revision);
  if (!backbone) throw new Error(`The backbone "${id}" has no older revision "${revision}"`);
  return backbone;
}

/** The older revision with this identity; null if the identity is the newest revision's, or unknown. */
export async function olderRevisionOf(id: BackboneId, dimension: number, identity: string): Promise<string | null> {
  for (const older of OLDER_REVISIONS[id]) if ((await identityOf(older, dimension)) === identity) return older.revision;
  return null;
}
