// Captured inputs: the oldest are deleted first, some at a time.
import { expect, it } from "vitest";
import { HEAD_MIGRATIONS } from "../../../durable/head/schema.ts";
import { migrate } from "../../../durable/kit/migrations.ts";
import { CaptureTable } from "../../../durable/tables/captures.ts";
import type { CapturedAnswer } from "../../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { inFreshObject } from "../../support/objects.ts";

const recordOf = (text: string): string =>
  JSON.stringify({ input: { text }, version: 1, prediction: { value: 1 } } satisfies CapturedAnswer);
const CAPTURED = { uncertainty: 0.5, record: recordOf("a") };

const withCaptures = (count: number, work: (table: CaptureTable, left: () => number[]) => void) =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    const table = new CaptureTable(storage.sql);
    for (let at = 0; at < count; at++) table.put({ ...CAPTURED, digest: `d${at}`, at }, `cap_${at}`);
    const range = "SELECT count(*) AS n, coalesce(min(created_at), -1) AS least FROM captures";
    work(table, () => Object.values(storage.sql.exec<{ n: number; least: number }>(range).one()));
  });

const whileTrue = (step: () => boolean): number => {
  let steps = 0;
  while (step()) steps++;
  return steps;
};

it("expired captures are deleted in parts, until none is left", () =>
  withCaptures(3 * LIMITS.reportedCaptures, (table, left) => {
    const most = 2 * LIMITS.reportedCaptures;
    expect(whileTrue(() => table.pruneSome(most))).toBe(2);
    expect(left()).toEqual([LIMITS.reportedCaptures, most]);
  }));

it("the oldest captures above the limit are deleted", () =>
  withCaptures(LIMITS.capturesPerHead + 250, (table, left) => {
    expect(whileTrue(() => table.pruneSome(0))).toBe(2);
    expect(left()).toEqual([LIMITS.capturesPerHead, 250]);
  }));

it("all captures can be deleted in parts", () =>
  withCaptures(2 * LIMITS.reportedCaptures + 1, (table, left) => {
    expect(whileTrue(() => table.clearSome())).toBe(3);
    expect(left()).toEqual([0, -1]);
  }));

it("a page of captures ends early at its limit of characters, and the next page continues from there", () =>
  withCaptures(0, (table) => {
    const text = "x".repeat(LIMITS.capturePageChars / 4);
    for (let at = 0; at < 9; at++)
      table.put({ ...CAPTURED, record: recordOf(text), digest: `d${at}`, at }, `cap_${at}`);
    const sizes: number[] = [];
    const ids = new Set<string>();
    for (let after: string | null | undefined; after !== null; ) {
      const page = table.list(after === undefined ? { limit: 200 } : { limit: 200, after });
      sizes.push(page.data.length);
      for (const { id } of page.data) ids.add(id);
      after = page.next;
    }
    expect([sizes, ids.size]).toEqual([[3, 3, 3], 9]);
  }));
