// A Worker's cached state of a head's live version, after the Worker has shown the head.
import { expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { heads } from "../../src/http/routes/heads.ts";
import { nameOf, servingOf } from "../../src/http/serving/replicas.ts";

it("predictions use the live version that was shown last, even if another request loaded an older one in the meantime", async () => {
  let live = 1;
  const loadLive = async (): Promise<number | undefined> => {
    const ask = async () => JSON.stringify({ ok: true, value: { split: [{ version: live }] } });
    const { state } = await servingOf(env).pointers.known(nameOf(call), { ask, waitUntil: () => undefined });
    return state.split[0]?.version;
  };
  const describe = async () => {
    await loadLive();
    live = 2;
    return { ok: true, value: { live } };
  };
  const env = { replicaMaxAgeMs: 2_000, head: () => ({ describe }) } as unknown as Env;
  const call = { env, caller: { kind: "tenant", tenant: "t", space: "s" }, params: { head: "h" } } as never;
  await heads.getHead(call);
  expect(await loadLive()).toBe(2);
});
