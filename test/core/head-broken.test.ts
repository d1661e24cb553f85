// Which failures of a head's object mean that its data cannot be read, as the runtime words them.
import { expect, it } from "vitest";
import { isHeadBroken, tellingBroken } from "../../src/core/head-broken.ts";
import { Fault } from "../../src/core/problems.ts";

const INTERNAL = "internal error; reference = 7mnik80bj9o2u35a6ed7d0rr";

it.each([
  [INTERNAL],
  ["no such table: labels: SQLITE_ERROR"],
  ["no such column: label_ids: SQLITE_ERROR"],
  ["database disk image is malformed: SQLITE_CORRUPT"],
  ["file is not a database: SQLITE_NOTADB"],
  ["disk I/O error: SQLITE_IOERR"],
])("the error %j means that the head is broken", (message) => {
  expect(isHeadBroken(new Error(message))).toBe(true);
});

it.each([
  new Error("Cannot read properties of undefined"),
  new Error("UNIQUE constraint failed: examples.id: SQLITE_CONSTRAINT"),
  new Error("database or disk is full: SQLITE_FULL"),
  Object.assign(new Error(INTERNAL), { retryable: true }),
  Object.assign(new Error(INTERNAL), { overloaded: true }),
  new Fault("not_found", "no such table: that is the caller's text"),
  null,
])("a temporary failure, a bug or another problem does not mean that the head is broken: %s", (error) => {
  expect(isHeadBroken(error)).toBe(false);
});

it("every call except serving throws head_broken; errors of serving are not replaced", async () => {
  const failing = async (): Promise<never> => {
    throw new Error(INTERNAL);
  };
  const stub = tellingBroken({ describe: failing, serving: failing, other: async (x: number) => x + 1 }, "t.s/head");
  await expect(stub.describe()).rejects.toMatchObject({ data: { code: "head_broken" } });
  await expect(stub.serving()).rejects.toThrow(INTERNAL);
  expect(await stub.other(1)).toBe(2);
  expect(await Promise.resolve(stub)).toBe(stub);
});
