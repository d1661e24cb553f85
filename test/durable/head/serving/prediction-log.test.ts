// When the logged predictions of a head are deleted.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "../../../../src/core/problems.ts";
import { inObject, makeHead } from "../../../support/objects.ts";

const HOUR_MS = 3_600_000;

it("the alarm of the prediction log is due only when the next prediction expires", async () => {
  const { name, rpc } = await makeHead();
  unwrap(await rpc.update({ log_hours: 1 }));
  const at = Date.now();
  unwrap(await rpc.report({ tallies: [], captures: [], logged: [{ id: `prd_${"a".repeat(20)}`, at, record: "{}" }] }));
  const stub = env.HEADS.getByName(name);
  await inObject(name, async (storage) => {
    storage.sql.exec("UPDATE alarms SET at = 1 WHERE name = 'predictions'");
    await storage.setAlarm(at + HOUR_MS);
  });
  await runDurableObjectAlarm(stub);
  const alarms = await inObject(name, ({ sql }) =>
    sql.exec("SELECT at FROM alarms WHERE name = 'predictions'").toArray(),
  );
  expect(alarms).toEqual([{ at: at + HOUR_MS }]);
});
