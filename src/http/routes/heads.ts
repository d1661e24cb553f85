// Creates, shows and deletes heads.
import { type Backbone, identityOf } from "../../backbones/backbone.ts";
import { findBackbone, listBackbones } from "../../backbones/registry.ts";
import type { NewHead } from "../../contract/heads.ts";
import type { HeadConfig } from "../../contract/rpc.ts";
import { learnsLabels } from "../../contract/tasks.ts";
import { LIMITS, mostLabels } from "../../core/limits.ts";
import { mapLimited } from "../../core/map-limited.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { type Env, generationOf } from "../../env.ts";
import { type Call, type Handlers, headOf, tenantOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";
import { forgetHead } from "../serving/replicas.ts";
import { answerOfHeads, listedHead } from "./listed-head.ts";

const CONCURRENCY = 6;

type Operations = "createHead" | "listHeads" | "getHead" | "updateHead" | "deleteHead" | "getPolicy" | "setPolicy";

export const heads: Handlers<Operations> = {
  createHead: async (call) => {
    const config = await configOf(call.body, await backboneNamed(call.body.backbone, call.env));
    const { head, generation } = unwrap(await call.env.tenant(tenantOf(call).tenant).createHead(config));
    noteGeneration(call, head.id, generation);
    return answer(head, 201, { Location: `/v1/heads/${head.id}` });
  },

  listHeads: async (call) => {
    const owner = tenantOf(call);
    const page = unwrap(await call.env.tenant(owner.tenant).listHeads(call.query));
    const listed = await mapLimited(page.data, CONCURRENCY, (id) => listedHead(call.env, owner, id));
    return answerOfHeads(
      page,
      listed.filter((head) => head !== null),
    );
  },

  getHead: async (call) => {
    const head = await headOf(call).describe();
    forgetHead(call); // this response shows the live version: later predictions must not use an older one
    return answer(unwrap(head));
  },

  updateHead: async (call) => {
    const head = unwrap(await headOf(call).update(call.body));
    forgetHead(call);
    return answer(head);
  },

  getPolicy: async (call) => answer(unwrap(await headOf(call).getPolicy())),
  setPolicy: async (call) => answer(unwrap(await headOf(call).setPolicy(call.body))),

  deleteHead: async (call) => {
    const { head } = call.params;
    const generation = unwrap(await call.env.tenant(tenantOf(call).tenant).deleteHead(head));
    forgetHead(call);
    noteGeneration(call, head, generation);
    return noContent();
  },
};

/** Makes later requests of this Worker use the new object. Other Workers learn of it when they look the key up again. */
function noteGeneration(
  call: Pick<Call<"createHead">, "caller" | "forgetTenant">,
  head: string,
  generation: number,
): void {
  const owner = tenantOf(call);
  if (generationOf(owner, head) !== generation) call.forgetTenant(owner.tenant);
}

/** The backbone of a new head. */
async function backboneNamed(id: string, { backbones }: Env): Promise<Backbone> {
  const found = await findBackbone(id, backbones);
  if (found?.shape === "vector") return found;
  if (found) throw badField("/backbone", `must give one vector for each input; "${id}" gives one for each token`);
  const ids = (await listBackbones(backbones)).flatMap((one) => (one.state === "ready" ? [`"${one.id}"`] : []));
  throw badField("/backbone", `must be one of ${ids.join(", ")}`);
}

async function configOf(
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
  backbone: Backbone,
): Promise<HeadConfig> {
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
