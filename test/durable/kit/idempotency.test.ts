// Stored responses for a repeated Idempotency-Key: which request runs, which waits, and which gets the first response.
import { expect, it } from "vitest";
import { CHUNKS_SCHEMA, ChunkTable } from "../../../durable/kit/chunks.ts";
import {
  IDEMPOTENCY_BYTES,
  IDEMPOTENCY_OWNERS,
  IDEMPOTENCY_SCHEMA,
  IdempotencyTable,
} from "../../../durable/kit/idempotency.ts";
import type { IdempotencyClaim, StoredAnswer } from "../../../src/contract/idempotency-rpc.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { inFreshObject } from "../../support/objects.ts";

const NOW = Date.UTC(2026, 10, 23);
const LEASE_MS = LIMITS.idempotencyLeaseSeconds * 1_000;
const LIFE_MS = LIMITS.idempotencyHours * 3_600_000;
const ANSWER: StoredAnswer = { status: 201, headers: { "content-type": "application/json" }, body: utf8('{"a":1}') };

const withTable = (work: (table: IdempotencyTable, sql: SqlStorage) => void): Promise<void> =>
  inFreshObject(({ sql }) => {
    for (const schema of [CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA, IDEMPOTENCY_OWNERS, IDEMPOTENCY_BYTES]) sql.exec(schema);
    work(new IdempotencyTable(sql, new ChunkTable(sql)), sql);
  });

const claimOf = (key: string, owner = "req_1"): IdempotencyClaim => ({ key, owner });
const K = claimOf("k");

/** Claims a key and stores `ANSWER`, or another with this body. */
function keep(table: IdempotencyTable, key: string, now: number, body = ANSWER.body): void {
  table.claim(claimOf(key), now);
  table.keep(claimOf(key), "digest", { ...ANSWER, body }, now);
}

it("the first request runs, and the table tells a second one that the first is running", async () => {
  await withTable((table) => {
    expect(table.claim(K, NOW)).toEqual({ kind: "run" });
    expect(table.claim(K, NOW)).toEqual({ kind: "running" });
    expect(table.claim(claimOf("other"), NOW)).toEqual({ kind: "run" });
  });
});

it("another request runs once the lease of an unfinished request has expired", async () => {
  await withTable((table) => {
    table.claim(K, NOW);
    expect(table.claim(K, NOW + LEASE_MS - 1)).toEqual({ kind: "running" });
    expect(table.claim(K, NOW + LEASE_MS)).toEqual({ kind: "run" });
    expect(table.claim(K, NOW + LEASE_MS + 1)).toEqual({ kind: "running" });
  });
});

it("no other request runs while the owner renews its claim", async () => {
  await withTable((table) => {
    table.claim(K, NOW);
    for (let at = NOW; at < NOW + 5 * LEASE_MS; at += LEASE_MS / 4) {
      table.renew(K, at);
      expect(table.claim(claimOf("k", "req_2"), at + LEASE_MS / 4)).toEqual({ kind: "running" });
    }
  });
});

it("only the owner of a claim can store a response or release the key; a request that lost its claim cannot", async () => {
  await withTable((table) => {
    const [late, owner] = [claimOf("k", "req_1"), claimOf("k", "req_2")];
    table.claim(late, NOW);
    expect(table.claim(owner, NOW + LEASE_MS)).toEqual({ kind: "run" });
    table.drop(late);
    table.renew(late, NOW + 3 * LEASE_MS);
    table.keep(late, "digest", { ...ANSWER, body: utf8("late") }, NOW + LEASE_MS);
    expect(table.claim(claimOf("k", "req_3"), NOW + LEASE_MS + 1)).toEqual({ kind: "running" });
    table.keep(owner, "digest", ANSWER, NOW + LEASE_MS + 2);
    table.keep(late, "digest", { ...ANSWER, body: utf8("late") }, NOW + LEASE_MS + 3);
    table.drop(late);
    expect(table.claim(late, NOW + LEASE_MS + 4)).toMatchObject({ kind: "answered", answer: ANSWER });
  });
});

it("the first response is returned again, byte for byte, with the digest of its request", async () => {
  await withTable((table) => {
    table.claim(K, NOW);
    table.keep(K, "digest", ANSWER, NOW + 5);
    for (const at of [NOW + 6, NOW + LEASE_MS + 1, NOW + LIFE_MS]) {
      expect(table.claim(K, at)).toEqual({ kind: "answered", fingerprint: "digest", answer: ANSWER });
    }
  });
});

it.each([0, 5 * 1024 * 1024])("the table stores a response with a body of %i bytes", async (length) => {
  await withTable((table) => {
    const body = new Uint8Array(length).fill(7);
    keep(table, "k", NOW, body);
    expect(table.claim(K, NOW)).toMatchObject({ answer: { body } });
  });
});

it("a response and its body are deleted after a day", async () => {
  await withTable((table, sql) => {
    keep(table, "old", NOW);
    keep(table, "young", NOW + 10);
    expect(table.claim(claimOf("old"), NOW + LIFE_MS + 1)).toEqual({ kind: "run" });
    expect(table.claim(claimOf("young"), NOW + LIFE_MS + 1)).toMatchObject({ kind: "answered" });
    expect(sql.exec("SELECT owner FROM chunks").toArray()).toEqual([{ owner: "answer/young" }]);
  });
});

it("many expired responses are deleted a few at a time, and the remaining ones are never returned", async () => {
  await withTable((table, sql) => {
    const count = (): number => sql.exec<{ n: number }>("SELECT count(*) AS n FROM idempotency").one().n;
    for (let i = 0; i < 250; i++) keep(table, `old ${i}`, NOW + i);
    const later = NOW + LIFE_MS + 1_000;
    expect(table.claim(claimOf("old 249"), later)).toEqual({ kind: "run" });
    expect(count()).toBe(150);
    table.drop(claimOf("old 249"));
    expect(sql.exec("SELECT 1 FROM chunks WHERE owner = 'answer/old 249'").toArray()).toEqual([]);
    for (let i = 0; i < 2; i++) table.claim(K, later);
    expect(count()).toBe(1);
    expect(table.bytes()).toBe(0);
    expect(sql.exec("SELECT 1 FROM chunks").toArray()).toEqual([]);
  });
});

it("fewer expired responses are deleted at a time if they are large", async () => {
  await withTable((table, sql) => {
    const body = new Uint8Array(600_000);
    for (let i = 0; i < 5; i++) keep(table, `old ${i}`, NOW + i, body);
    table.claim(K, NOW + LIFE_MS + 1_000);
    expect(
      sql
        .exec("SELECT key FROM idempotency ORDER BY key")
        .toArray()
        .map(({ key }) => key),
    ).toEqual(["k", "old 2", "old 3", "old 4"]);
  });
});

it("a released key can be used again", async () => {
  await withTable((table) => {
    table.claim(K, NOW);
    table.drop(K);
    expect(table.claim(claimOf("k", "req_2"), NOW)).toEqual({ kind: "run" });
  });
});

it("two keys differ if any character differs", async () => {
  await withTable((table) => {
    for (const key of ["k", "K", "k ", "k%", "k_", "k'", "1", "01"])
      expect(table.claim(claimOf(key), NOW)).toEqual({ kind: "run" });
  });
});

it("the oldest responses are deleted once all together exceed their limit of bytes", async () => {
  await withTable((table, sql) => {
    const body = new Uint8Array(LIMITS.idempotentAnswerBytes);
    const most = Math.floor(LIMITS.ledgerBytes / body.byteLength);
    for (let i = 0; i < 2 * most; i++) keep(table, `k${i}`, NOW + i, body);
    const { n } = sql.exec<{ n: number }>("SELECT total(length(data)) AS n FROM chunks").one();
    expect(n).toBeLessThanOrEqual(LIMITS.ledgerBytes);
    expect(table.bytes()).toBeGreaterThan(n);
    expect(table.bytes()).toBeLessThanOrEqual(LIMITS.ledgerBytes);
    expect(new IdempotencyTable(sql, new ChunkTable(sql)).bytes()).toBe(table.bytes());
    expect(table.claim(claimOf("k0", "req_2"), NOW + 99)).toEqual({ kind: "run" });
    expect(table.claim(claimOf(`k${2 * most - 1}`, "req_2"), NOW + 99)).toMatchObject({ kind: "answered" });
  });
});

it("a large response makes room by deleting as many of the oldest small ones as it needs, and no more", async () => {
  await withTable((table) => {
    const large = new Uint8Array(LIMITS.idempotentAnswerBytes - 10_000);
    const small = new Uint8Array(1_000);
    const most = Math.floor(LIMITS.ledgerBytes / large.byteLength);
    const free = LIMITS.ledgerBytes - (most - 1) * large.byteLength;
    const smalls = Math.floor(free / 1_250);
    for (let i = 0; i < smalls; i++) keep(table, `small ${i}`, NOW + i, small);
    for (let i = 0; i < most; i++) keep(table, `large ${i}`, NOW + smalls + i, large);
    expect(table.bytes()).toBeLessThanOrEqual(LIMITS.ledgerBytes);
    expect(table.bytes()).toBeGreaterThan(LIMITS.ledgerBytes - 1_500);
    const isKept = (key: string): boolean => table.claim(claimOf(key, "req_2"), NOW + 9_999).kind === "answered";
    expect(["small 0", "small 1", "large 0", `large ${most - 1}`].map(isKept)).toEqual([false, false, true, true]);
    expect(isKept(`small ${smalls - 1}`)).toBe(true);
  });
});

it("no response is stored without its body if the storage is full", async () => {
  await withTable((table, sql) => {
    sql.exec("CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(ABORT, 'SQLITE_FULL'); END");
    expect(() => keep(table, "k", NOW)).toThrow(/SQLITE_FULL/);
    expect(table.claim(K, NOW + 1)).toEqual({ kind: "running" });
  });
});

it("responses that were stored before bytes were counted are counted too", async () => {
  await inFreshObject(({ sql }) => {
    for (const schema of [CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA, IDEMPOTENCY_OWNERS]) sql.exec(schema);
    sql.exec("INSERT INTO idempotency VALUES ('old', ?, 'digest', 200, '{}', 'req_1')", NOW);
    new ChunkTable(sql).put("answer/old", new Uint8Array(1_000));
    sql.exec(IDEMPOTENCY_BYTES);
    expect(new IdempotencyTable(sql, new ChunkTable(sql)).bytes()).toBe(1_000);
  });
});
