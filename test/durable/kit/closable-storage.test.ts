// Storage that is closed when its head is deleted: from then on every use of it throws, whoever kept it.
import { expect, it } from "vitest";
import { closable } from "../../../durable/kit/closable-storage.ts";
import { inFreshObject } from "../../support/objects.ts";

it("a closable storage is the storage of the object until it is closed", () =>
  inFreshObject(async (real) => {
    const { storage } = closable(real, "closed");
    storage.transactionSync(() => storage.sql.exec("CREATE TABLE t (x INTEGER)"));
    storage.sql.exec("INSERT INTO t VALUES (?), (?)", 1, 2);
    expect(real.sql.exec("SELECT sum(x) AS sum FROM t").one()).toEqual({ sum: 3 });
    expect(storage.sql.databaseSize).toBe(real.sql.databaseSize);
    await storage.setAlarm(9_000_000_000_000);
    expect(await real.getAlarm()).toBe(9_000_000_000_000);
    await real.deleteAlarm();
  }));

it("a closed storage refuses every use, and the object's own storage stays open", () =>
  inFreshObject(async (real) => {
    const { storage, close } = closable(real, "closed");
    const { sql } = storage;
    close();
    expect(() => sql.exec("SELECT 1")).toThrow("closed");
    expect(() => sql.databaseSize).toThrow("closed");
    expect(() => storage.transactionSync(() => undefined)).toThrow("closed");
    await expect(storage.setAlarm(1)).rejects.toThrow("closed");
    expect(real.sql.exec("SELECT 1 AS one").one()).toEqual({ one: 1 });
  }));
