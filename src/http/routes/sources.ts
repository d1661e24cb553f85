// Sources of a head.
import { dryRun } from "../../contract/dry-run.ts";
import { makeId } from "../../core/ids.ts";
import { LIMITS } from "../../core/limits.ts";
import { unwrap } from "../../core/problems.ts";
import { systemRandom } from "../../core/random.ts";
import { generationOf } from "../../env.ts";
import { readDryRun } from "../../webhooks/dry-run.ts";
import { readJsonBytes } from "../request/body.ts";
import { type Handlers, headOf, sourcesOf, tenantOf } from "../request/call.ts";
import { parse } from "../request/validate.ts";
import { answer, noContent } from "../response/answer.ts";

type Operations =
  | ("createSource" | "listSources" | "getSource" | "updateSource" | "deleteSource" | "rotateSource" | "testSource")
  | "getRefusals";

export const sources: Handlers<Operations> = {
  // The route is stored first, so that every existing source is reachable. An interrupted creation leaves a route without a
  // source.
  createSource: async (call) => {
    const owner = tenantOf(call);
    const { tenant, space } = owner;
    const { head } = call.params;
    unwrap(await headOf(call).describe());
    const id = makeId("src", systemRandom);
    await call.env.directory().putSource(id, { tenant, space, head, generation: generationOf(owner, head) });
    const created = await sourcesOf(call).createSource(id, call.body);
    if (!created.ok) await call.env.directory().removeSource(id);
    return answer(unwrap(created), 201, { Location: `/v1/heads/${head}/sources/${id}` });
  },

  listSources: async (call) => answer(unwrap(await sourcesOf(call).listSources(call.query))),
  getSource: async (call) => answer(unwrap(await sourcesOf(call).getSource(call.params.id))),
  updateSource: async (call) => answer(unwrap(await sourcesOf(call).updateSource(call.params.id, call.body))),

  deleteSource: async (call) => {
    unwrap(await sourcesOf(call).deleteSource(call.params.id));
    await call.env.directory().removeSource(call.params.id);
    return noContent();
  },

  rotateSource: async (call) => answer(unwrap(await sourcesOf(call).rotateSource(call.params.id, call.body))),

  testSource: async (call) => {
    const body = await readJsonBytes(call.request, LIMITS.dryRunBodyBytes);
    const { payload: _, ...settings } = parse(dryRun, await readDryRun(body), "The body");
    const { examples_per_head: quota } = tenantOf(call).quotas;
    return answer(unwrap(await sourcesOf(call).dryRun(call.params.id, { ...settings, body }, quota)));
  },

  getRefusals: async (call) => answer(unwrap(await sourcesOf(call).getRefusals(call.params.id))),
};
