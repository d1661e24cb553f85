// An item of the list of heads.
import type { HeadView, ListedHead } from "../contract/heads.ts";
import type { Principal } from "../contract/tenant-rpc.ts";
import { HEAD_BROKEN } from "../core/head-broken.ts";
import { logEvent } from "../core/log.ts";
import { type Outcome, unwrap } from "../core/problems.ts";
import { type Env, generationOf } from "../env.ts";

/** A head that cannot be read is listed with an error. null: the head was never created; its id is released. */
export async function listedHead(env: Env, owner: Principal, id: string): Promise<ListedHead | null> {
  const outcome = await describe(env, owner, id);
  if (outcome.ok) return outcome.value;
  const { code, detail } = outcome.fault;
  if (code !== "not_found") return { id, error: { code, detail } };
  unwrap(await env.tenant(owner.tenant).settleHead(id));
  return null;
}

async function describe(env: Env, owner: Principal, id: string): Promise<Outcome<HeadView>> {
  try {
    return await env.head(owner, id, generationOf(owner, id)).describe();
  } catch (error) {
    logEvent("error", "describe_head_failed", { head: id, error: String(error) });
    return { ok: false, fault: HEAD_BROKEN };
  }
}
