// Inputs and their features. A feature vector is a row in a block of limited size: adding one rewrites little, and a training
// reads whole blocks as SQLite blobs.
import { bytesOf, concatBytes } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Insertion } from "../kit/insert-rows.ts";
import { inJsonBatches, selectByKeys } from "../kit/rows.ts";
import { OutdatedBlocks } from "./outdated-blocks.ts";
import { PENDING_BLOCK, PendingInputs } from "./pending-inputs.ts";

/** Inputs forgotten at once: a few milliseconds if each is in another block, because a block is written as a unit. */
export const FORGOTTEN_AT_ONCE = 16;

/** Most blocks of features that an upload adds in one call. */
const BLOCKS_AT_ONCE = LIMITS.appendedFeatureBytes / LIMITS.featureBlockBytes;

export interface InputRow {
  readonly [column: string]: SqlStorageValue;
  readonly id: number;
  readonly digest: string;
}

/** The place of a feature. */
interface Place {
  readonly block: number;
  readonly slot: number;
}

export interface NewInput {
  readonly digest: string;
  readonly text: string | null;
  /** [dimension]; null: the input is pending. */
  readonly feature: Float32Array | null;
}

/** A stored input; `text` is null if it is a file, or the feature itself. */
export interface StoredInput extends InputRow {
  readonly text: string | null;
}

const INPUTS = new Insertion("inputs", { own: ["digest", "text", "block", "slot"], returned: ["id", "digest"] });

const NO_PLACE: Place = { block: PENDING_BLOCK, slot: 0 };

export class FeatureTable {
  readonly pending: PendingInputs;
  readonly outdated: OutdatedBlocks;
  readonly #sql: SqlStorage;
  readonly #dims: number;

  constructor(sql: SqlStorage, dims: number) {
    this.#sql = sql;
    this.#dims = dims;
    this.pending = new PendingInputs(sql);
    this.outdated = new OutdatedBlocks(sql);
  }

  /** Ids of the inputs with these digests; omits digests without an input. */
  idsOf(digests: readonly string[]): Map<string, number> {
    const query = "SELECT id, digest FROM inputs WHERE digest IN (SELECT value FROM json_each(?))";
    return new Map(selectByKeys<InputRow>(this.#sql, query, digests).map(({ id, digest }) => [digest, id]));
  }

  /** The digests of which no input is stored. */
  missing(digests: readonly string[]): string[] {
    const stored = this.idsOf(digests);
    return digests.filter((digest) => !stored.has(digest));
  }

  /** Adds inputs, none of which is stored yet; returns their ids by digest. */
  add(inputs: readonly NewInput[]): Map<string, number> {
    const places = this.#append(inputs.flatMap(({ feature }) => feature ?? [])).values();
    const rows = inputs.map(({ digest, text, feature }) => {
      const { block, slot } = feature ? (places.next().value as Place) : NO_PLACE;
      return [digest, text, block, slot];
    });
    return new Map(INPUTS.run<InputRow>(this.#sql, rows).map(({ id, digest }) => [digest, id]));
  }

  /** Stores the features of pending inputs by digest. Leaves out inputs that are not pending any more. */
  fill(features: ReadonlyMap<string, Float32Array>): void {
    const digests = [...this.pending.among([...features.keys()])];
    const places = this.#append(digests.map((digest) => features.get(digest) as Float32Array));
    this.pending.place(places.map(({ block, slot }, i) => [digests[i] as string, block, slot]));
  }

  /** Fills the last block and then new ones. An upload that would fill most of a block begins a new one. */
  #append(features: readonly Float32Array[]): Place[] {
    const capacity = Math.max(1, Math.floor(LIMITS.featureBlockBytes / (4 * this.#dims)));
    const last = this.#sql
      .exec<{ id: number; rows: number }>("SELECT id, rows FROM blocks ORDER BY id DESC LIMIT 1")
      .toArray()[0];
    let [block, slot] = last ? [last.id, last.rows] : [1, 0];
    if (this.outdated.revisionOf(block) !== null) slot = capacity; // a block has features of one revision only
    // Adding to a block rewrites all of it. Without a new block, each call of a long upload would rewrite the last one.
    const isUpload = features.length >= capacity / 2 && features.length <= BLOCKS_AT_ONCE * capacity;
    if (isUpload && slot + features.length > capacity) slot = capacity;
    const places: Place[] = [];
    for (let at = 0; at < features.length; ) {
      if (slot >= capacity) [block, slot] = [block + 1, 0];
      const chunk = features.slice(at, at + capacity - slot);
      this.#appendTo(block, chunk);
      for (let i = 0; i < chunk.length; i++) places.push({ block, slot: slot + i });
      at += chunk.length;
      slot += chunk.length;
    }
    return places;
  }

  #appendTo(block: number, features: readonly Float32Array[]): void {
    const odd = features.find(({ length }) => length !== this.#dims);
    if (odd) throw new Error(`A feature has ${odd.length} numbers; the head's dimension is ${this.#dims}`);
    const upsert = `INSERT INTO blocks VALUES (?1, ?2, ?3)
      ON CONFLICT (id) DO UPDATE SET rows = rows + ?2, data = CAST(data || ?3 AS BLOB)`;
    const data = concatBytes(features.map(bytesOf));
    this.#sql.exec(upsert, block, features.length, data);
    data.buffer.transfer(0);
  }

  /** Marks inputs that may have no example left, for later deletion. */
  noteUnused(ids: readonly number[]): void {
    const insert = "INSERT OR IGNORE INTO unused_inputs SELECT value FROM json_each(?)";
    inJsonBatches(ids, (json) => this.#sql.exec(insert, json));
  }

  /**
   * Deletes some of the marked inputs, unless they have examples again. Returns the number processed; null if none was marked.
   */
  forgetNoted(): number | null {
    const some = `SELECT id FROM unused_inputs LIMIT ${FORGOTTEN_AT_ONCE}`;
    const taken = `DELETE FROM unused_inputs WHERE id IN (${some}) RETURNING id`;
    const ids = this.#sql.exec<{ id: number }>(taken).toArray();
    return ids.length === 0 ? null : this.forgetUnused(ids.map(({ id }) => id));
  }

  /** Deletes the inputs among `ids` that no example has, with text and feature. Returns the number deleted. */
  forgetUnused(ids: readonly number[]): number {
    const remove = `DELETE FROM inputs WHERE id IN (SELECT value FROM json_each(?))
      AND NOT EXISTS (SELECT 1 FROM examples WHERE examples.input = inputs.id) RETURNING block, slot`;
    const removed = selectByKeys<Place & Record<string, number>>(this.#sql, remove, ids);
    for (const [block, places] of Map.groupBy(removed, ({ block }) => block))
      if (block !== PENDING_BLOCK) this.#close(block, places);
    return removed.length;
  }

  /** Overwrites the features of removed inputs with the last features of their block. */
  #close(block: number, removed: readonly Place[]): void {
    const { rows, data } = this.#sql
      .exec<{ rows: number; data: ArrayBuffer }>("SELECT rows, data FROM blocks WHERE id = ?", block)
      .one();
    const left = rows - removed.length;
    if (left === 0) {
      this.#remove(block);
      return;
    }
    const free = new Set(removed.map(({ slot }) => slot));
    const moving = Array.from({ length: removed.length }, (_, i) => left + i).filter((slot) => !free.has(slot));
    const moves = [...free].filter((slot) => slot < left).map((to, i) => [moving[i] as number, to] as const);
    const features = new Float32Array(data);
    for (const [from, to] of moves) features.copyWithin(to * this.#dims, from * this.#dims, (from + 1) * this.#dims);
    const move = `UPDATE inputs SET slot = value ->> 1 FROM json_each(?2) WHERE block = ?1 AND slot = value ->> 0`;
    this.#sql.exec(move, block, JSON.stringify(moves));
    const kept = bytesOf(features.subarray(0, left * this.#dims)).slice();
    this.#sql.exec("UPDATE blocks SET rows = ?, data = ? WHERE id = ?", left, kept, block);
  }

  #remove(block: number): void {
    this.#sql.exec("DELETE FROM blocks WHERE id = ?", block);
    this.outdated.unmark(block); // a later block may get the same number
  }

  /** The vectors of rows by digest, without pending ones. Reads each block once. */
  vectors(rows: readonly (Place & { readonly digest: string })[]): Map<string, Float32Array> {
    const blocks = new Map<number, Float32Array>();
    const block = (id: number): Float32Array => {
      const features = blocks.get(id) ?? this.block(id);
      blocks.set(id, features);
      return features;
    };
    const vectorAt = ({ block: id, slot }: Place) => block(id).slice(slot * this.#dims, (slot + 1) * this.#dims);
    const ready = rows.filter(({ block: id }) => id !== PENDING_BLOCK);
    return new Map(ready.map((row) => [row.digest, vectorAt(row)]));
  }

  /** The rows of a block, one after the other. */
  block(id: number): Float32Array {
    const features = this.find(id);
    if (!features) throw new Error(`There is no block ${id}`);
    return features;
  }

  /** The rows of a block, one after the other; null if the block does not exist. */
  find(id: number): Float32Array | null {
    const query = "SELECT rows, data FROM blocks WHERE id = ?";
    const [row] = this.#sql.exec<{ rows: number; data: ArrayBuffer }>(query, id).toArray();
    if (!row) return null;
    const bytes = 4 * this.#dims * row.rows;
    if (row.data.byteLength !== bytes)
      throw new Error(`Block ${id} has ${row.data.byteLength} bytes instead of ${bytes}`);
    return new Float32Array(row.data);
  }

  /** The inputs of a block's features, in order. */
  inputsIn(block: number): StoredInput[] {
    const query = "SELECT id, digest, text FROM inputs WHERE block = ? ORDER BY slot";
    return this.#sql.exec<StoredInput>(query, block).toArray();
  }

  replace(block: number, features: Float32Array): void {
    this.#sql.exec("UPDATE blocks SET data = ? WHERE id = ?", bytesOf(features).slice(), block);
  }
}
