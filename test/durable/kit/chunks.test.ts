// Byte strings longer than one row of SQLite.
import { expect, it } from "vitest";
import { BYTES_A_TURN, CHUNKS_INDEXED, CHUNKS_SCHEMA, ChunkTable } from "../../../durable/kit/chunks.ts";
import { concatBytes } from "../../../src/core/bytes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Turns } from "../../../src/core/turns.ts";
import { inFreshObject } from "../../support/objects.ts";

/** Bytes that differ from position to position. */
const bytesOfLength = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);

const withChunks = (work: (chunks: ChunkTable, sql: SqlStorage) => void | Promise<void>): Promise<void> =>
  inFreshObject(({ sql }) => {
    sql.exec(CHUNKS_SCHEMA);
    return work(new ChunkTable(sql), sql);
  });

const rowsIn = (sql: SqlStorage): unknown => sql.exec("SELECT count(*) AS n FROM chunks").one().n;

it.each([0, 1, LIMITS.chunkBytes - 1, LIMITS.chunkBytes, LIMITS.chunkBytes + 1, 5 * 1024 * 1024 + 17])(
  "the table restores %i bytes",
  async (length) => {
    await withChunks((chunks, sql) => {
      const bytes = bytesOfLength(length);
      chunks.put("weights", bytes);
      expect(chunks.get("weights")).toEqual(bytes);
      expect(rowsIn(sql)).toBe(Math.max(1, Math.ceil(length / LIMITS.chunkBytes)));
    });
  },
);

it("the table returns null for an owner that stored nothing", () =>
  withChunks((chunks) => expect(chunks.get("nobody")).toBeNull()));

it("a shorter string replaces a longer one completely", async () => {
  await withChunks((chunks, sql) => {
    chunks.put("x", bytesOfLength(2 * LIMITS.chunkBytes + 5));
    chunks.put("x", bytesOfLength(3));
    expect(chunks.get("x")).toEqual(bytesOfLength(3));
    expect(rowsIn(sql)).toBe(1);
  });
});

it("owners are separate, and each is removed alone", async () => {
  await withChunks((chunks) => {
    chunks.put("a", bytesOfLength(4));
    chunks.put("a/b", bytesOfLength(5));
    chunks.remove("a");
    expect(chunks.get("a")).toBeNull();
    expect(chunks.get("a/b")).toEqual(bytesOfLength(5));
  });
});

it("the table stores the bytes of a view, not its whole buffer", async () => {
  await withChunks((chunks) => {
    chunks.put("x", bytesOfLength(100).subarray(10, 20));
    expect(chunks.get("x")).toEqual(bytesOfLength(100).slice(10, 20));
  });
});

it.each([0, 1, 3 * 1024 * 1024 + 17])(
  "the table writes and reads %i bytes in turns of the event loop",
  async (length) => {
    await withChunks(async (chunks) => {
      let taken = 0;
      const turns = new Turns(1, async () => void taken++);
      const bytes = bytesOfLength(length);
      const pieces = Array.from({ length: Math.max(1, Math.ceil(length / BYTES_A_TURN)) }, (_, i) =>
        bytes.slice(i * BYTES_A_TURN, (i + 1) * BYTES_A_TURN),
      );
      await chunks.putInTurns("checkpoint", pieces, turns);
      const parts: Uint8Array[] = [];
      const take = (part: Uint8Array): void => void parts.push(part.slice());
      expect(await chunks.takeInTurns("checkpoint", take, turns)).toBe(true);
      expect(concatBytes(parts)).toEqual(bytes);
      expect(chunks.get("checkpoint")).toEqual(bytes);
      expect(taken).toBeGreaterThan(length / LIMITS.chunkBytes);
      expect(pieces.every((piece) => piece.byteLength === 0)).toBe(true); // freed once written
      expect(await chunks.takeInTurns("nobody", take, turns)).toBe(false);
    });
  },
);

it("a long string is replaced piece by piece and removed in turns of the event loop", async () => {
  await withChunks(async (chunks, sql) => {
    const turns = new Turns();
    const pieces = (count: number) => Array.from({ length: count }, (_, i) => Uint8Array.of(count, i));
    await chunks.putInTurns("checkpoint", pieces(11), turns);
    await chunks.putInTurns("checkpoint", pieces(2), turns);
    expect(chunks.get("checkpoint")).toEqual(Uint8Array.of(2, 0, 2, 1));
    await chunks.putInTurns("checkpoint", pieces(9), turns);
    chunks.put("other", bytesOfLength(3));
    expect([...chunks.removeInTurns("checkpoint")].length).toBeGreaterThan(1);
    expect(chunks.get("checkpoint")).toBeNull();
    expect(rowsIn(sql)).toBe(1);
  });
});

it("rows stay readable when the index is added", async () => {
  await withChunks((chunks, sql) => {
    const bytes = bytesOfLength(LIMITS.chunkBytes + 5);
    chunks.put("weights", bytes);
    sql.exec(CHUNKS_INDEXED);
    expect(chunks.get("weights")).toEqual(bytes);
    chunks.put("weights", bytesOfLength(3));
    expect(chunks.get("weights")).toEqual(bytesOfLength(3));
  });
});
