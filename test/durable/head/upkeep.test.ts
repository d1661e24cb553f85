// Maintenance of a head when one of its steps fails.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "../../../src/core/problems.ts";
import { inObject, makeHead } from "../../support/objects.ts";

const HOUR_MS = 3_600_000;

it("an alarm runs the other steps of maintenance if one fails, and tries the failed step again later", async () => {
  const { name, rpc } = await makeHead();
  unwrap(await rpc.update({ log_hours: 1 }));
  const logged = [{ id: `prd_${"a".repeat(20)}`, at: Date.now(), record: "{}" }];
  unwrap(await rpc.report({ tallies: [], captures: [], logged }));
  await inObject(name, async (storage) => {
    storage.sql.exec("UPDATE predictions SET at = 1");
    storage.sql.exec("CREATE TRIGGER failing BEFORE DELETE ON predictions BEGIN SELECT RAISE(ABORT, 'a fault'); END");
    storage.sql.exec("INSERT OR REPLACE INTO alarms VALUES ('predictions', 1), ('policy', 1)");
    await storage.setAlarm(Date.now() + HOUR_MS);
  });
  const started = Date.now();
  await runDurableObjectAlarm(env.HEADS.getByName(name));
  const alarms = await inObject(name, ({ sql }) =>
    sql
      .exec<{ name: string; at: number }>("SELECT name, at FROM alarms WHERE name IN ('predictions', 'policy')")
      .toArray(),
  );
  expect(alarms.map((alarm) => alarm.name)).toEqual(["predictions"]); // the policy had its turn
  expect(alarms[0]?.at).toBeGreaterThan(started);
});
