// What an object remembers of its traffic between predictions.
import { describe, expect, test } from "vitest";
import { openHeadStore } from "../../../durable/head/store.ts";
import { putTraffic, rememberedTrafficOf, trafficOf } from "../../../durable/head/traffic.ts";
import { inObject, makeHead } from "../../support/objects.ts";

const alone = (version: number) => ({ split: [{ version, weight: 1 }], shadow: null, before: [] });

describe("remembered traffic", () => {
  test("is what was written last, and what stands after a change was undone", async () => {
    const { name } = await makeHead([]);
    await inObject(name, (storage) => {
      const store = openHeadStore(storage);
      if (!store) throw new Error("The head was not made");
      expect(rememberedTrafficOf(store)).toBeNull();
      for (const version of [1, 2]) {
        putTraffic(store, alone(version));
        expect(rememberedTrafficOf(store)).toMatchObject(alone(version));
      }
      const undone = () => {
        putTraffic(store, alone(3));
        expect(trafficOf(store)).toMatchObject(alone(3));
        throw new Error("undone");
      };
      expect(() => storage.transactionSync(undone)).toThrow("undone");
      expect(rememberedTrafficOf(store)).toMatchObject(alone(2));
    });
  });
});
