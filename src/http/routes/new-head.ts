// Checks the request for a new head.
import { type Backbone, identityOf } from "../../backbones/backbone.ts";
import { findBackbone, listBackbones } from "../../backbones/registry.ts";
import type { NewHead } from "../../contract/heads.ts";
import type { HeadConfig } from "../../contract/rpc.ts";
import { learnsLabels } from "../../contract/tasks.ts";
import { LIMITS, mostLabels } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { Env } from "../../env.ts";

/** The backbone of a new head. */
async function backboneNamed(id: string, { backbones }: Env): Promise<Backbone> {
  const found = await findBackbone(id, backbones);
  if (found?.shape === "vector") return found;
  if (found) throw badField("/backbone", `must give one vector for each input; "${id}" gives one for each token`);
  const ids = (await listBackbones(backbones)).flatMap((one) => (one.state === "ready" ? [`"${one.id}"`] : []));
  throw badField("/backbone", `must be one of ${ids.join(", ")}`);
}

/** The settings of a new head. Throws a fault if the request contradicts its backbone, its task or a limit. */
export async function configOf(
  {
    id,
    task,
    backbone: backboneId,
    dimension: asked,
    labels,
    description,
    keep_versions: keepVersions = LIMITS.keepVersionsDefault,
    keep_inputs: keepInputs = true,
  }: NewHead,
  env: Env,
): Promise<HeadConfig> {
  const backbone = await backboneNamed(backboneId, env);
  const dimension = backbone.dimension ?? asked;
  if (dimension === undefined)
    throw badField("/dimension", `is needed with the backbone "${backboneId}": 1 to ${LIMITS.dimensions}`);
  if (asked !== undefined && asked !== dimension)
    throw badField("/dimension", `must be ${dimension} with "${backboneId}", or left out`);
  if (labels && !learnsLabels(task))
    throw badField("/labels", `must be left out: a ${task} head learns values, not labels`);
  if (labels && new Set(labels).size !== labels.length) throw badField("/labels", "must not name a label twice");
  if (labels && labels.length > mostLabels(dimension)) throw tooManyLabels(labels.length, dimension);
  return {
    id,
    task,
    modality: backbone.modality,
    labels: labels ?? null,
    description: description ?? null,
    keepVersions,
    keepInputs,
    backbone: { id: backboneId, identity: await identityOf(backbone, dimension), dimension },
  };
}

const badField = (pointer: string, detail: string): Fault =>
  new Fault("invalid_request", `${pointer} ${detail}`, { errors: [{ pointer, detail }] });

/** Rejected at creation, because no training of such a head could begin. */
function tooManyLabels(labels: number, dimension: number): Fault {
  const detail = `must have at most ${mostLabels(dimension)} labels for ${dimension} dimensions; there are ${labels}`;
  return new Fault("head_too_large", `/labels ${detail}`, { errors: [{ pointer: "/labels", detail }] });
}
