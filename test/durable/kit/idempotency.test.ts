// Answers kept for a repeated Idempotency-Key: who runs, who waits, who gets the first answer again.
import { expect, test } from "vitest";
import { CHUNKS_SCHEMA, ChunkTable } from "../../../durable/kit/chunks.ts";
import { IDEMPOTENCY_SCHEMA, IdempotencyTable } from "../../../durable/kit/idempotency.ts";
import type { StoredAnswer } from "../../../src/contract/rpc.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { inFreshObject } from "../../support/objects.ts";

const NOW = Date.UTC(2026, 10, 23);
const LEASE_MS = LIMITS.idempotencyLeaseSeconds * 1_000;
const LIFE_MS = LIMITS.idempotencyHours * 3_600_000;
const ANSWER: StoredAnswer = { status: 201, headers: { "content-type": "application/json" }, body: utf8('{"a":1}') };

const withTable = (work: (table: IdempotencyTable, sql: SqlStorage) => void): Promise<void> =>
  inFreshObject(({ sql }) => {
    sql.exec(CHUNKS_SCHEMA);
    sql.exec(IDEMPOTENCY_SCHEMA);
    work(new IdempotencyTable(sql, new ChunkTable(sql)), sql);
  });

test("lets the first request run, and tells a second that it is running", async () => {
  await withTable((table) => {
    expect(table.claim("k", NOW)).toEqual({ kind: "run" });
    expect(table.claim("k", NOW)).toEqual({ kind: "running" });
    expect(table.claim("other", NOW)).toEqual({ kind: "run" });
  });
});

test("lets another run once the lease of one that never finished is over", async () => {
  await withTable((table) => {
    table.claim("k", NOW);
    expect(table.claim("k", NOW + LEASE_MS - 1)).toEqual({ kind: "running" });
    expect(table.claim("k", NOW + LEASE_MS)).toEqual({ kind: "run" });
    expect(table.claim("k", NOW + LEASE_MS + 1)).toEqual({ kind: "running" });
  });
});

test("gives the first answer again, byte for byte, with the digest of the request it answers", async () => {
  await withTable((table) => {
    table.claim("k", NOW);
    table.keep("k", "digest", ANSWER, NOW + 5);
    for (const at of [NOW + 6, NOW + LEASE_MS + 1, NOW + LIFE_MS]) {
      expect(table.claim("k", at)).toEqual({ kind: "answered", fingerprint: "digest", answer: ANSWER });
    }
  });
});

test.each([0, 5 * 1024 * 1024])("keeps an answer whose body has %i bytes", async (length) => {
  await withTable((table) => {
    const body = new Uint8Array(length).fill(7);
    table.keep("k", "digest", { ...ANSWER, body }, NOW);
    expect(table.claim("k", NOW)).toMatchObject({ answer: { body } });
  });
});

test("forgets an answer, its body too, when its day is over", async () => {
  await withTable((table, sql) => {
    table.keep("old", "digest", ANSWER, NOW);
    table.keep("young", "digest", ANSWER, NOW + 10);
    expect(table.claim("old", NOW + LIFE_MS + 1)).toEqual({ kind: "run" });
    expect(table.claim("young", NOW + LIFE_MS + 1)).toMatchObject({ kind: "answered" });
    expect(sql.exec("SELECT owner FROM chunks").toArray()).toEqual([{ owner: "answer/young" }]);
  });
});

test("gives a key back that was dropped", async () => {
  await withTable((table, sql) => {
    table.claim("k", NOW);
    table.drop("k");
    expect(table.claim("k", NOW)).toEqual({ kind: "run" });
    table.keep("k", "digest", ANSWER, NOW);
    table.drop("k");
    expect(sql.exec("SELECT * FROM chunks").toArray()).toEqual([]);
  });
});

test("tells keys apart by every character", async () => {
  await withTable((table) => {
    for (const key of ["k", "K", "k ", "k%", "k_", "k'", "1", "01"])
      expect(table.claim(key, NOW)).toEqual({ kind: "run" });
  });
});
