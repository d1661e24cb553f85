// Named alarms over the platform's single one.
import { expect, it } from "vitest";
import { ALARMS_SCHEMA, Alarms } from "../../../durable/kit/alarms.ts";
import { inFreshObject } from "../../support/objects.ts";

type Name = "train" | "drain" | "prune";

/** Far enough in the future that the platform fires no alarm during a test. */
const LATER = Date.now() + 86_400_000;

const withAlarms = (work: (alarms: Alarms<Name>, storage: DurableObjectStorage) => Promise<void>): Promise<void> =>
  inFreshObject(async (storage) => {
    storage.sql.exec(ALARMS_SCHEMA);
    await work(new Alarms<Name>(storage), storage);
    await storage.deleteAlarm();
  });

it("the platform's alarm is set to the earliest of the named alarms", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.set("train", LATER + 500);
    expect(await storage.getAlarm()).toBe(LATER + 500);
    await alarms.set("drain", LATER + 100);
    expect(await storage.getAlarm()).toBe(LATER + 100);
    await alarms.set("prune", LATER + 900);
    expect(await storage.getAlarm()).toBe(LATER + 100);
  });
});

it("a named alarm that is set twice keeps the earlier time", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.set("train", LATER + 100);
    await alarms.set("train", LATER + 500);
    expect(await storage.getAlarm()).toBe(LATER + 100);
    await alarms.set("train", LATER + 50);
    expect(await storage.getAlarm()).toBe(LATER + 50);
    expect([alarms.at("train"), alarms.at("drain")]).toEqual([LATER + 50, null]);
  });
});

it("the due alarms are returned with the earliest first, and stay until they are cleared", async () => {
  await withAlarms(async (alarms) => {
    await alarms.set("train", LATER + 30);
    await alarms.set("drain", LATER + 10);
    await alarms.set("prune", LATER + 90);
    expect(alarms.due(LATER + 9)).toEqual([]);
    expect(alarms.due(LATER + 10)).toEqual(["drain"]);
    expect(alarms.due(LATER + 30)).toEqual(["drain", "train"]);
    expect(alarms.due(LATER + 30)).toEqual(["drain", "train"]);
  });
});

it("the platform's alarm is set to the next named alarm once one is cleared and the rest is armed", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.set("train", LATER + 30);
    await alarms.set("drain", LATER + 10);
    alarms.clear("drain");
    await alarms.arm();
    expect(await storage.getAlarm()).toBe(LATER + 30);
    expect(alarms.due(LATER + 99)).toEqual(["train"]);
  });
});

it("a cleared alarm may be set to a later time", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.set("train", LATER + 10);
    alarms.clear("train");
    await alarms.set("train", LATER + 70);
    expect(await storage.getAlarm()).toBe(LATER + 70);
  });
});

it("the platform's alarm is restored from the table if the object has lost it", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.set("train", LATER + 10);
    await storage.deleteAlarm();
    await new Alarms<Name>(storage).arm();
    expect(await storage.getAlarm()).toBe(LATER + 10);
  });
});

it("the platform's alarm is not set if there is no named alarm", async () => {
  await withAlarms(async (alarms, storage) => {
    await alarms.arm();
    expect(await storage.getAlarm()).toBeNull();
  });
});
