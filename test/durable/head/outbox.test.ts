// The outbox of a head: an event is written exactly if its change is, and is removed only once the tenant has received it.
import { describe, expect, it } from "vitest";
import { emitEvent } from "../../../durable/head/outbox.ts";
import { Relay, type RelayTools } from "../../../durable/head/relay.ts";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import { type HeadMeta, type HeadStore, openHeadStore } from "../../../durable/head/store.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import { MetaTable } from "../../../durable/tables/meta.ts";
import type { OutgoingEvent } from "../../../src/contract/events.ts";
import type { EndpointRpc } from "../../../src/contract/tenant-rpc.ts";
import { DEFAULT_POLICY } from "../../../src/lifecycle/policy.ts";
import { inFreshObject } from "../../support/objects.ts";

const OWNER = { tenant: "acme", space: "space" };
/** Far enough in the future that no alarm fires during a test. */
const NOW = Date.now() + 86_400_000;
const backbone = { id: "features", identity: "sha256:test", dimension: 2 } as const;
const CONFIG = { id: "head", task: "classification", backbone, labels: null, description: null, createdAt: 1 } as const;

/** Runs `work` with the store of a head of OWNER. */
const withStore = (work: (store: HeadStore, storage: DurableObjectStorage) => Promise<void>): Promise<void> =>
  inFreshObject(async (storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    const meta = new MetaTable<HeadMeta>(storage.sql);
    meta.set("config", CONFIG);
    meta.set("policy", DEFAULT_POLICY);
    meta.set("owner", OWNER);
    await work(openHeadStore(storage) as HeadStore, storage);
    await storage.deleteAll();
    await storage.deleteAlarm();
  });

type Accept = EndpointRpc["acceptEvents"];

const toolsOf = (acceptEvents: Accept): RelayTools => ({
  now: () => NOW,
  tenant: () => ({ acceptEvents }),
  isCurrent: () => true,
});

const emit = (store: HeadStore, job: string): void => emitEvent(store, "job.succeeded", { job }, NOW);
const waiting = (store: HeadStore): OutgoingEvent[] => store.outbox.first(100);

/** A tenant that stores the events that it receives, and responds to each call with the next of `answers`. */
function tenant(...answers: ("lost" | "gone")[]): { readonly told: string[][]; readonly accept: Accept } {
  const told: string[][] = [];
  const accept: Accept = async (space, events) => {
    expect(space).toBe(OWNER.space);
    told.push(events.map(({ id }) => id));
    const answer = answers.shift();
    if (answer === "lost") throw new Error("Network connection lost");
    return answer === "gone" ? { ok: false, fault: { code: "not_found", detail: "gone" } } : { ok: true, value: null };
  };
  return { told, accept };
}

describe("an event", () => {
  it("is written in the transaction of its change, and is rolled back with it, as is its alarm", () =>
    withStore(async (store, storage) => {
      expect(() =>
        store.storage.transactionSync(() => {
          emit(store, "job_undone");
          throw new Error("no");
        }),
      ).toThrow("no");
      expect(waiting(store)).toEqual([]);
      expect(store.alarms.due(NOW + 60_000)).toEqual([]);
      store.storage.transactionSync(() => emit(store, "job_done"));
      expect(waiting(store)).toMatchObject([
        { type: "job.succeeded", data: { head: "head", job: "job_done" }, at: NOW },
      ]);
      expect(store.alarms.due(NOW + 60_000)).toEqual(["outbox"]);
      expect(await storage.getAlarm()).not.toBeNull();
    }));

  it("is reported to the tenant and then removed, with its alarm", () =>
    withStore(async (store) => {
      const { told, accept } = tenant();
      for (const job of ["job_1", "job_2"]) emit(store, job);
      const ids = waiting(store).map(({ id }) => id);
      await new Relay().run(store, toolsOf(accept));
      expect(told).toEqual([ids]);
      expect(waiting(store)).toEqual([]);
      expect(store.alarms.due(NOW + 60_000)).toEqual([]);
    }));

  it("stays if the tenant's response is lost, and is reported again with the same id after growing waits", () =>
    withStore(async (store) => {
      const { told, accept } = tenant("lost", "lost", "lost");
      const relay = new Relay();
      emit(store, "job_1");
      for (const seconds of [1, 2, 4]) {
        await relay.run(store, toolsOf(accept));
        expect(waiting(store)).toHaveLength(1);
        expect(store.alarms.due(NOW + seconds * 1_000 - 1)).toEqual([]);
        expect(store.alarms.due(NOW + seconds * 1_000)).toEqual(["outbox"]);
      }
      await relay.run(store, toolsOf(accept));
      expect(waiting(store)).toEqual([]);
      expect(new Set(told.flat()).size).toBe(1);
      expect(told).toHaveLength(4);
    }));

  it("is dropped if its tenant was deleted", () =>
    withStore(async (store) => {
      emit(store, "job_1");
      await new Relay().run(store, toolsOf(tenant("gone").accept));
      expect(waiting(store)).toEqual([]);
    }));

  it("is reported too if it is written while others are being reported", () =>
    withStore(async (store) => {
      const { told, accept } = tenant();
      emit(store, "job_1");
      await new Relay().run(
        store,
        toolsOf((space, events) => {
          if (told.length === 0) emit(store, "job_2");
          return accept(space, events);
        }),
      );
      expect(told.map((ids) => ids.length)).toEqual([1, 1]);
      expect(waiting(store)).toEqual([]);
    }));

  it("waits until the head knows its tenant", () =>
    withStore(async (store) => {
      store.meta.remove("owner");
      emit(store, "job_1");
      await new Relay().run(store, toolsOf(tenant().accept));
      expect(waiting(store)).toHaveLength(1);
      expect(store.alarms.due(NOW + 1_000)).toEqual(["outbox"]);
    }));
});
