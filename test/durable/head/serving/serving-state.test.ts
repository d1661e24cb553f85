// The state that a head's object reports to Workers, which cache it.
import { describe, expect, it } from "vitest";
import { updateHead } from "../../../../durable/head/calls/update-head.ts";
import { setTraffic } from "../../../../durable/head/serving/live.ts";
import { servingText } from "../../../../durable/head/serving/serving-state.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { putTraffic, trafficOf } from "../../../../durable/head/versions/traffic.ts";
import type { ServingState } from "../../../../src/contract/serving-rpc.ts";
import { type Outcome, unwrap } from "../../../../src/core/problems.ts";
import { Turns } from "../../../../src/core/turns.ts";
import { inObject, makeHead } from "../../../support/objects.ts";

const alone = (version: number) => ({ split: [{ version, weight: 1 }], shadow: null, before: [] });
const servingState = (store: HeadStore): ServingState =>
  unwrap(JSON.parse(servingText(store)) as Outcome<ServingState>);
const RULE = { rate: 1, keep_days: 7 };

async function inHead(work: (store: HeadStore, storage: DurableObjectStorage) => void | Promise<void>): Promise<void> {
  const { name } = await makeHead([]);
  await inObject(name, async (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was not made");
    await work(store, storage);
  });
}

/** Adds the versions 1 to `count` without a training. */
function addVersions({ storage }: HeadStore, count: number): void {
  for (let version = 1; version <= count; version++)
    storage.sql.exec("INSERT INTO versions (digest, job, created_at) VALUES (?, '', 0)", `sha256:${version}`);
}

describe("the state that a head reports to Workers", () => {
  it("is that of the last committed change, and ignores a change that was rolled back", () =>
    inHead((store, storage) => {
      expect(servingState(store).split).toEqual([]);
      addVersions(store, 2);
      for (const version of [1, 2]) {
        putTraffic(store, alone(version));
        expect(servingState(store).split).toMatchObject([{ version, digest: `sha256:${version}` }]);
      }
      const undone = () => {
        putTraffic(store, alone(3));
        expect(trafficOf(store)).toMatchObject(alone(3));
        throw new Error("undone");
      };
      expect(() => storage.transactionSync(undone)).toThrow("undone");
      expect(servingState(store).split).toMatchObject([{ version: 2 }]);
    }));

  it("includes captures as soon as they are turned on or off", () =>
    inHead(async (store) => {
      expect(servingState(store).capture).toBeNull();
      const tools = { store, now: Date.now, turns: new Turns() };
      await updateHead(tools, { capture: RULE });
      expect(servingState(store).capture).toEqual(RULE);
      await updateHead(tools, { capture: null });
      expect(servingState(store).capture).toBeNull();
    }));
});

describe("a change of the traffic", () => {
  const NOW = Date.now();
  const share = (version: number, weight: number) => ({ version, weight });
  const changes = ({ outbox }: HeadStore): number =>
    outbox.first(100).filter(({ type }) => type === "traffic.changed").length;

  it("is reported once, however often it is sent", () =>
    inHead((store) => {
      addVersions(store, 2);
      setTraffic(store, { split: [share(1, 1)], shadow: 2 }, NOW);
      expect(changes(store)).toBe(1);
      const repeated = setTraffic(store, { split: [share(1, 1), share(2, 0)], shadow: 2 }, NOW);
      expect(repeated).toEqual({ split: [share(1, 1)], shadow: 2 });
      expect(changes(store)).toBe(1);
    }));

  it("is reported if only the shadow or only a share changes", () =>
    inHead((store) => {
      addVersions(store, 2);
      setTraffic(store, { split: [share(1, 1)], shadow: 2 }, NOW);
      setTraffic(store, { split: [share(1, 1)] }, NOW);
      setTraffic(store, { split: [share(1, 9), share(2, 1)] }, NOW);
      setTraffic(store, { split: [share(1, 8), share(2, 2)] }, NOW);
      expect(changes(store)).toBe(4);
    }));
});
