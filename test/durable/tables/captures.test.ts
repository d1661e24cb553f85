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
/** Migrations before the one that counts bytes. */
const BEFORE_BYTES = 23;
const CAPTURED = { uncertainty: 0.5, record: recordOf("a") };

/** The captures that one step deletes have at most these bytes, not counting the last capture. */
const STEP_BYTES = 4 * 1024 * 1024;

const withCaptures = (
  count: number,
  work: (table: CaptureTable, left: () => number[]) => void,
  most?: { readonly captures: number; readonly bytes: number },
) =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS);
    const table = new CaptureTable(storage.sql, most);
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

it("the oldest captures above the limit of bytes are deleted a few megabytes at a time", () => {
  const record = recordOf("é".repeat(300_000)); // 600 kB
  const most = { captures: 100, bytes: 3_000_000 };
  return withCaptures(
    0,
    (table, left) => {
      for (let at = 0; at < 20; at++) table.put({ ...CAPTURED, record, digest: `d${at}`, at }, `cap_${at}`);
      expect(whileTrue(() => table.pruneSome(0))).toBe(Math.ceil((16 * 600_000) / STEP_BYTES));
      expect(left()).toEqual([4, 16]);
      table.put({ ...CAPTURED, record: recordOf("a"), digest: "d19", at: 20 }, "cap_20"); // replaces the last
      for (let at = 21; at < 24; at++) table.put({ ...CAPTURED, record, digest: `d${at}`, at }, `cap_${at}`);
      expect(whileTrue(() => table.pruneSome(0))).toBe(1);
      expect(left()).toEqual([5, 18]);
    },
    most,
  );
});

it("large captures that have expired or are no longer wanted are deleted a few megabytes at a time", () => {
  const record = recordOf("x".repeat(STEP_BYTES / 4));
  return withCaptures(0, (table, left) => {
    for (let at = 0; at < 16; at++) table.put({ ...CAPTURED, record, digest: `d${at}`, at }, `cap_${at}`);
    expect(whileTrue(() => table.pruneSome(8))).toBe(2);
    expect(left()).toEqual([8, 8]);
    expect(whileTrue(() => table.clearSome())).toBe(2);
    expect(left()).toEqual([0, -1]);
  });
});

it("captures that were stored before bytes were counted are listed, and counted from then on", () =>
  inFreshObject((storage) => {
    migrate(storage, HEAD_MIGRATIONS.slice(0, BEFORE_BYTES));
    const insert = "INSERT INTO captures (id, digest, uncertainty, created_at, record) VALUES (?, ?, 0.5, 1, ?)";
    for (const id of ["a", "b", "c"]) storage.sql.exec(insert, id, id, recordOf(id));
    migrate(storage, HEAD_MIGRATIONS);
    const table = new CaptureTable(storage.sql, { captures: 10, bytes: 2 * recordOf("a").length });
    expect(table.get("a")).toMatchObject({ input: { text: "a" }, version: 1 });
    expect(whileTrue(() => table.pruneSome(0))).toBe(1);
    expect(table.list({}).data.map(({ id }) => id)).toEqual(["b", "c"]);
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
