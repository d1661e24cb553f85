// SIGKILL of the runtime while heads and tenants are created and deleted: no id stays in use, everything listed exists, and
// everything that exists is listed. KILLS=10 npx vitest run --project long test/long/kill-names.test.ts does it ten times.
import { afterAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import { ADMIN_KEY, newTenant, pause, removeFolder, seeded, start, temporaryFolder } from "../journeys/support.ts";

const KILLS = Number(process.env.KILLS ?? 3);
const HEADS = ["a", "b", "c", "d"];
const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

it(`every id of heads and tenants is free again if the service is killed ${KILLS} times`, async () => {
  let service: Service = await start(folder);
  const port = Number(new URL(service.url).port);
  const { key } = await newTenant(service, "kept");
  let killed = false;

  /** The status of a response. It is null if the runtime was killed first. */
  const ask = async (method: string, path: string, auth: string, body?: unknown): Promise<Response | null> => {
    const headers = { Authorization: `Bearer ${auth}`, "Content-Type": "application/json" };
    return fetch(service.url + path, { method, headers, body: body ? JSON.stringify(body) : null }).catch(() => null);
  };
  const idsAt = async (path: string, auth: string): Promise<string[]> => {
    const listed = (await (await ask("GET", path, auth))?.json()) as { data: { id: string }[] };
    return listed.data.map(({ id }) => id);
  };
  const makeAndDelete = async (id: string): Promise<void> => {
    while (!killed) {
      const config = { id, task: "classification", backbone: "text-embedded" };
      await ask("POST", "/v1/heads", key, config);
      await ask("DELETE", `/v1/heads/${id}`, key);
    }
  };
  const comeAndGo = async (): Promise<void> => {
    while (!killed) {
      await ask("POST", "/v1/tenants", ADMIN_KEY, { id: "fleeting" });
      await ask("DELETE", "/v1/tenants/fleeting", ADMIN_KEY);
    }
  };

  const random = seeded(24);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      killed = false;
      const work = [...HEADS.map(makeAndDelete), comeAndGo()];
      await pause(300 + 700 * random());
      await service.kill();
      killed = true;
      await Promise.all(work);
      service = await start(folder, port);

      const listed = await idsAt("/v1/heads", key);
      for (const id of HEADS) {
        const there = (await ask("GET", `/v1/heads/${id}`, key))?.status === 200;
        expect([id, there]).toEqual([id, listed.includes(id)]);
        if (there) expect((await ask("DELETE", `/v1/heads/${id}`, key))?.status).toBe(204);
        const again = { id, task: "regression", backbone: "text-embedded" };
        expect((await ask("POST", "/v1/heads", key, again))?.status).toBe(201);
        expect((await ask("DELETE", `/v1/heads/${id}`, key))?.status).toBe(204);
      }
      if ((await idsAt("/v1/tenants", ADMIN_KEY)).includes("fleeting")) {
        expect((await ask("DELETE", "/v1/tenants/fleeting", ADMIN_KEY))?.status).toBe(204);
      }
      expect((await ask("POST", "/v1/tenants", ADMIN_KEY, { id: "fleeting" }))?.status).toBe(201);
      expect((await ask("DELETE", "/v1/tenants/fleeting", ADMIN_KEY))?.status).toBe(204);
      expect(await idsAt("/v1/tenants", ADMIN_KEY)).toEqual(["kept"]);
    }
  } finally {
    await service.kill();
  }
});
