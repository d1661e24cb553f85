// Requests to source ids that do not exist, which anyone can invent.
import { describe, expect, it } from "vitest";
import type { SourceRoute } from "../../src/contract/tenant-rpc.ts";
import { makeId } from "../../src/core/ids.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { Env } from "../../src/env.ts";
import { routeOfSource } from "../../src/http/source-routes.ts";

const ROUTE: SourceRoute = { tenant: "t", space: "s", head: "h", generation: 0 };
const madeUp = (): string => makeId("src", systemRandom);

/** A directory that has the sources in `sources`, and records the ids of its lookups. */
function directoryOf(sources: ReadonlySet<string>) {
  const asked: string[] = [];
  const sourceRoute = async (source: string): Promise<SourceRoute | null> => {
    asked.push(source);
    return sources.has(source) ? ROUTE : null;
  };
  const describeTenant = async () => ({ ok: true, value: { quotas: {} } });
  const env = { directory: () => ({ sourceRoute }), tenant: () => ({ describe: describeTenant }) };
  return { asked, env: env as unknown as Env };
}

describe("the route of a source", () => {
  it("is looked up once if there is no such source, and again a few seconds later", async () => {
    const sources = new Set<string>();
    const { asked, env } = directoryOf(sources);
    const id = madeUp();
    for (let i = 0; i < 5; i++) expect(await routeOfSource(env, id, 1_000 + i)).toBeNull();
    expect(asked).toEqual([id]);
    sources.add(id);
    const later = 1_000 + LIMITS.sourceAbsentSeconds * 1_000;
    for (let i = 0; i < 5; i++) expect(await routeOfSource(env, id, later + i)).toMatchObject(ROUTE);
    expect(asked).toEqual([id, id]);
  });

  it("is never looked up if the id is invalid", async () => {
    const { asked, env } = directoryOf(new Set());
    for (const id of ["", "src_", "src_1", `${madeUp()}x`, "__proto__"]) {
      expect(await routeOfSource(env, id, 0)).toBeNull();
    }
    expect(asked).toEqual([]);
  });

  it("stays cached, however many ids are invented", async () => {
    const id = madeUp();
    const { asked, env } = directoryOf(new Set([id]));
    await routeOfSource(env, id, 0);
    const others = 2 * LIMITS.sourcesAbsentCached;
    for (let i = 0; i < others; i++) await routeOfSource(env, madeUp(), 1);
    expect(await routeOfSource(env, id, 2)).toMatchObject(ROUTE);
    expect(asked).toHaveLength(1 + others);
  });
});
