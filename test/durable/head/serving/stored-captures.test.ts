// Captures that Workers report, and the storage of their tenant.
import { expect, it } from "vitest";
import { openHeadStore } from "../../../../durable/head/store.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { inObject, makeHead, type TestHead } from "../../../support/objects.ts";

const RECORD = JSON.stringify({ input: { text: "a" }, version: 1, prediction: { label: "l" } });

const report = async ({ rpc }: TestHead, digest: string) => {
  const captures = [{ digest, record: RECORD, uncertainty: 0.5, at: Date.now() }];
  unwrap(await rpc.report({ tallies: [], captures, logged: [] }));
};

const allow = ({ name }: TestHead, storageBytes: number): Promise<void> =>
  inObject(name, (storage) => {
    const store = openHeadStore(storage);
    store?.meta.set("allowed", { at: Date.now(), trainedSeconds: 1, storageBytes });
    store?.meta.set("owner", { tenant: "t", space: "s" });
  });

it("a head stores no captures while its tenant has no storage left, and reports the storage that it uses", async () => {
  const head = await makeHead();
  unwrap(await head.rpc.update({ capture: { rate: 1, keep_days: 7 } }));
  const stored = async (): Promise<number> => unwrap(await head.rpc.listCaptures({})).data.length;
  await allow(head, 1);
  await report(head, "refused");
  expect(await stored()).toBe(0);
  await allow(head, 1e9);
  await inObject(head.name, ({ sql }) => sql.exec("DELETE FROM alarms"));
  await report(head, "stored");
  expect(await stored()).toBe(1);
  const alarms = await inObject(head.name, ({ sql }) => sql.exec("SELECT name FROM alarms").toArray());
  expect(alarms).toContainEqual({ name: "usage" });
});
