// Heads whose database file on disk cannot be read: other heads continue, and their ids can be deleted, created again and used.
import { closeSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import { ADMIN_KEY, newTenant, removeFolder, start, temporaryFolder, versionOf } from "../journeys/support.ts";

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

/** The response of a head with this damage: the head is broken, or seems never to have been created. */
const DAMAGES: Readonly<Record<string, { readonly status: 404 | 500; readonly destroy: (file: string) => void }>> = {
  overwritten: { status: 500, destroy: (file) => writeFileSync(file, "no database ".repeat(4_096)) },
  "pages-garbled": { status: 500, destroy: garblePages },
  cut: { status: 500, destroy: (file) => truncateSync(file, 3 * 4_096) },
  removed: { status: 404, destroy: (file) => rmSync(file) },
};
const DAMAGED = Object.keys(DAMAGES);

/** Overwrites everything except the first page, which SQLite needs to open a file. */
function garblePages(file: string): void {
  const opened = openSync(file, "r+");
  writeSync(opened, new Uint8Array(statSync(file).size - 4_096).fill(0xa5), 0, null, 4_096);
  closeSync(opened);
}

/** Moves the write-ahead log into the file, because SQLite would repair the file with it. */
function emptyLog(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  for (const log of ["-wal", "-shm"]) rmSync(file + log, { force: true });
}

const databases = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sqlite"))
    .map((file) => join(folder, file));

const CONFIG = { task: "classification", backbone: "text-embedded" } as const;
const PARCELS = ["where is my parcel", "the parcel is late", "my parcel is not here", "no parcel came"];
const REFUNDS = ["refund my money", "I want my money back", "please refund me", "send the money back"];
const EXAMPLES = [
  ...PARCELS.map((text) => ({ text, label: "parcel" })),
  ...REFUNDS.map((text) => ({ text, label: "refund" })),
];

it("heads with destroyed files can be deleted and created again, and their tenant can be deleted", async () => {
  let service: Service = await start(folder);
  const port = Number(new URL(service.url).port);
  const asked = async (key: string, method: string, path: string, body?: unknown): Promise<number> => {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    return (await fetch(service.url + path, { method, headers, body: body ? JSON.stringify(body) : null })).status;
  };
  const codeOf = async (key: string, id: string, path: string, body?: object): Promise<string> => {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    return ((await (await fetch(`${service.url}/v1/heads/${id}${path}`, init)).json()) as { code: string }).code;
  };
  const listedIds = async (key: string): Promise<string[]> => {
    const listed = await fetch(`${service.url}/v1/heads`, { headers: { Authorization: `Bearer ${key}` } });
    return ((await listed.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  /** The head of each database file. */
  const files = new Map<string, string>();
  const makeHeads = async (client: Client): Promise<void> => {
    for (const id of [...DAMAGED, "whole"]) {
      const before = databases();
      await client.createHead({ id, ...CONFIG });
      await client.uploadExamples(id, EXAMPLES);
      for (const file of databases()) if (!before.includes(file)) files.set(file, id);
    }
  };
  const useHead = async (client: Client, id: string): Promise<void> => {
    await client.uploadExamples(id, EXAMPLES);
    await versionOf(client, id, (await client.startJob(id)).id);
    const { predictions } = await client.predict(id, [{ text: "the parcel did not come" }]);
    expect([id, predictions[0]]).toEqual([id, expect.objectContaining({ label: "parcel" })]);
  };
  /** A webhook, which finds the head only by its source. */
  const useSource = async (client: Client, key: string, id: string): Promise<void> => {
    const mapping = { text: "/text", label: "/label" };
    const source = await client.createSource(id, { scheme: "static-token", action: "add", mapping });
    const headers = { Authorization: `Bearer ${source.secret}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ text: "another parcel", label: "parcel" });
    const delivered = await fetch(service.url + source.url, { method: "POST", headers, body });
    expect([id, delivered.status, await delivered.text()]).toEqual([id, 202, expect.stringContaining("added")]);
    expect(await asked(key, "GET", `/v1/heads/${id}/sources/${source.id}`)).toBe(200);
  };

  try {
    const kept = await newTenant(service, "kept");
    const gone = await newTenant(service, "gone");
    await makeHeads(kept.client);
    await makeHeads(gone.client);
    await service.kill();
    for (const [file, id] of files) {
      if (id === "whole") continue;
      emptyLog(file);
      DAMAGES[id]?.destroy(file);
    }
    service = await start(folder, port);

    expect(await listedIds(kept.key)).toEqual(["cut", "overwritten", "pages-garbled", "whole"]);
    for (const [id, { status }] of Object.entries(DAMAGES)) {
      expect([id, await asked(kept.key, "GET", `/v1/heads/${id}`)]).toEqual([id, status]);
      if (status === 500) {
        for (const path of ["", "/examples", "/jobs", "/versions", "/policy", "/stats", "/sources"])
          expect([id, path, await codeOf(kept.key, id, path)]).toEqual([id, path, "head_broken"]);
        const inputs = { inputs: [{ text: "a parcel" }] };
        expect([id, await codeOf(kept.key, id, "/predict", inputs)]).toEqual([id, "head_broken"]);
        expect([id, await asked(kept.key, "POST", "/v1/heads", { id, ...CONFIG })]).toEqual([id, 409]);
        expect([id, await asked(kept.key, "DELETE", `/v1/heads/${id}`)]).toEqual([id, 204]);
        expect([id, await asked(kept.key, "GET", `/v1/heads/${id}`)]).toEqual([id, 404]);
      }
      await kept.client.createHead({ id, ...CONFIG });
      await useHead(kept.client, id);
      await useSource(kept.client, kept.key, id);
    }
    await service.kill();
    service = await start(folder, port);
    for (const id of [...DAMAGED, "whole"]) {
      const { examples } = await kept.client.getHead(id);
      expect([id, examples.total]).toEqual([id, id === "whole" ? 8 : 9]);
      expect([id, await asked(kept.key, "DELETE", `/v1/heads/${id}`)]).toEqual([id, 204]);
      expect([id, await asked(kept.key, "POST", "/v1/heads", { id, ...CONFIG })]).toEqual([id, 201]);
    }

    expect(await asked(ADMIN_KEY, "DELETE", "/v1/tenants/gone")).toBe(204);
    const again = await newTenant(service, "gone");
    expect(await listedIds(again.key)).toEqual([]);
    await makeHeads(again.client);
    await useHead(again.client, "overwritten");
  } finally {
    await service.kill();
  }
});
