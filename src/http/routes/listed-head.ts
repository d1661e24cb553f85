// Items of the list of heads, and its answer.
import type { Page } from "../../contract/common.ts";
import type { HeadView, ListedHead } from "../../contract/heads.ts";
import type { Principal } from "../../contract/tenant-rpc.ts";
import { HEAD_BROKEN } from "../../core/head-broken.ts";
import { logEvent } from "../../core/log.ts";
import { type Outcome, unwrap } from "../../core/problems.ts";
import { type Env, generationOf } from "../../env.ts";
import { type Answered, answer } from "../response/answer.ts";
import { streamOfPieces } from "../response/stream.ts";

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

/** A page of heads that together have this many labels is written in turns of the event loop. */
const MANY_LABELS = 5_000;

export function answerOfHeads(page: Page<unknown>, heads: readonly ListedHead[]): Answered {
  const labels = heads.reduce((sum, head) => sum + ("labels" in head ? head.labels.length : 0), 0);
  if (labels < MANY_LABELS) return answer({ ...page, data: heads });
  const headers = { "Content-Type": "application/json" };
  return new Response(streamOfPieces(piecesOf(page, heads)), { headers });
}

function* piecesOf({ has_more, next }: Page<unknown>, heads: readonly ListedHead[]): Generator<string> {
  yield '{"data":[';
  for (const [i, head] of heads.entries()) yield `${i === 0 ? "" : ","}${JSON.stringify(head)}`;
  yield `],${JSON.stringify({ has_more, next }).slice(1)}`;
}
