// Creates, shows and deletes heads.
import { mapLimited } from "../../core/map-limited.ts";
import { unwrap } from "../../core/problems.ts";
import { generationOf } from "../../env.ts";
import { type Call, type Handlers, headOf, tenantOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";
import { forgetHead } from "../serving/replicas.ts";
import { answerOfHeads, listedHead } from "./listed-head.ts";
import { configOf } from "./new-head.ts";

const CONCURRENCY = 6;

type Operations = "createHead" | "listHeads" | "getHead" | "updateHead" | "deleteHead" | "getPolicy" | "setPolicy";

export const heads: Handlers<Operations> = {
  createHead: async (call) => {
    const config = await configOf(call.body, call.env);
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
