// Versions are stored in turns of the event loop: another call may come in between, and a kill may end it.
import { expect, it } from "vitest";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import { ChunkTable } from "../../../durable/kit/chunks.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import type { VersionRecord } from "../../../durable/tables/version-record.ts";
import { type VersionContent, VersionTable } from "../../../durable/tables/versions.ts";
import { Turns } from "../../../src/core/turns.ts";
import { fileOfHead, ODD_NUMBERS } from "../../support/heads.ts";
import { inFreshObject } from "../../support/objects.ts";

const { head } = fileOfHead(ODD_NUMBERS);
const ROUNDS = { heads: [head], heldOut: [], lastExample: 0, deletions: 0 };
const contentOf = (digest: string, labels: string[] = []): VersionContent => {
  const record = { digest, job: "job_1", dataset: { labels }, metrics: { validation: { mae: 1 }, baseline: {} } };
  return { record: record as unknown as VersionRecord, final: head, rounds: ROUNDS };
};
const turns = new Turns(1, () => scheduler.wait(0));
const inTable = (work: (table: VersionTable, owners: () => string[]) => Promise<void>) =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    const owners = "SELECT DISTINCT owner FROM chunks ORDER BY owner";
    return work(new VersionTable(storage.sql, new ChunkTable(storage.sql)), () =>
      storage.sql
        .exec<{ owner: string }>(owners)
        .toArray()
        .map(({ owner }) => owner),
    );
  });
const added = (table: VersionTable, content: VersionContent): Promise<number> =>
  table.add(content, turns, (version) => {
    table.insert(version, content.record, 0);
    return version;
  });
const killed = (): Promise<never> => Promise.reject(new Error("killed"));
const endingAfter = (turns: number): Turns => new Turns(1, () => (turns-- > 0 ? scheduler.wait(0) : killed()));

it("versions that are added at the same time each get their own number and content", () =>
  inTable(async (table) => {
    expect(await Promise.all(["a", "b", "c"].map((digest) => added(table, contentOf(digest))))).toEqual([1, 2, 3]);
    expect([1, 2, 3].map((version) => table.record(version)?.digest)).toEqual(["a", "b", "c"]);
    expect(table.rounds(2)?.heads).toHaveLength(1);
  }));

it("a version does not exist before it is inserted", () =>
  inTable(async (table) => {
    const seen: boolean[] = [];
    const look = async () => void seen.push(table.has(1), table.all().length > 0);
    await table.add(contentOf("a"), new Turns(1, look), (version) => table.insert(version, contentOf("a").record, 0));
    expect([seen.length > 0, seen.includes(true), table.has(1)]).toEqual([true, false, true]);
  }));

it("nothing remains of a version that was not inserted", () =>
  inTable(async (table, owners) => {
    await table.add(contentOf("a"), turns, () => undefined);
    expect(owners()).toEqual([]);
    expect(await added(table, contentOf("b"))).toBe(1);
  }));

it("the rest of a version that a kill interrupted is overwritten by the next version, or deleted", () =>
  inTable(async (table, owners) => {
    await added(table, contentOf("a"));
    table.remove(1);
    const long = contentOf("long", new Array<string>(20_000).fill("label"));
    await expect(table.add(long, endingAfter(2), () => undefined)).rejects.toThrow("killed");
    expect(owners()).toContain("version/2/record");
    expect(await added(table, contentOf("b"))).toBe(2);
    expect(table.record(2)?.digest).toBe("b");
    await expect(table.add(long, endingAfter(0), () => undefined)).rejects.toThrow("killed");
    await table.clearUnfinished(turns);
    expect(owners().filter((owner) => owner.startsWith("version/3"))).toEqual([]);
    expect(table.record(2)?.digest).toBe("b");
  }));
