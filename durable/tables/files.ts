// Files of inputs: images and sounds. A row is one stored copy: a small one has its bytes, a larger one is in the bucket under
// the row's id. No id is used twice, so a copy that is being deleted is never the copy that is being written.
import { selectByKeys } from "../kit/rows.ts";
import { PENDING_BLOCK } from "./pending-inputs.ts";

/**
 * Statements that give up the copies in use of some digests. A copy in the row is deleted at once; a copy in the bucket becomes
 * an intent to delete. They are part of a migration, so never edit them.
 */
export const giveUp = (digests: string): readonly string[] => [
  `DELETE FROM files WHERE check_at IS NULL AND data IS NOT NULL AND digest ${digests}`,
  `UPDATE files SET check_at = 0 WHERE check_at IS NULL AND digest ${digests}`,
];

export interface NewFile {
  /** The digest of the input. */
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A copy in the bucket. */
export interface BucketCopy {
  readonly [column: string]: SqlStorageValue;
  readonly id: number;
  readonly digest: string;
}

/** A copy in use; `data` null: it is in the bucket. */
export interface StoredFile extends BucketCopy {
  readonly media_type: string;
  readonly bytes: number;
  readonly data: ArrayBuffer | null;
}

const IN_USE = "check_at IS NULL AND digest";
const INSERT = "INSERT INTO files (digest, media_type, bytes, check_at, data) VALUES (?, ?, ?, ?, ?)";

export class FileTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(digest: string): StoredFile | null {
    const query = `SELECT id, digest, media_type, bytes, data FROM files WHERE ${IN_USE} = ?`;
    return this.#sql.exec<StoredFile>(query, digest).toArray()[0] ?? null;
  }

  /** The digests among these that have a file. */
  known(digests: readonly string[]): Set<string> {
    return new Set(this.sizes(digests).keys());
  }

  /** Bytes of files by digest; omits digests without a file. */
  sizes(digests: readonly string[]): Map<string, number> {
    const query = `SELECT digest, bytes FROM files WHERE ${IN_USE} IN (SELECT value FROM json_each(?))`;
    const rows = selectByKeys<{ digest: string; bytes: number }>(this.#sql, query, digests);
    return new Map(rows.map(({ digest, bytes }) => [digest, bytes]));
  }

  /** Stores a small file, which is then in use. */
  put({ digest, mediaType, bytes }: NewFile): void {
    this.#sql.exec(INSERT, digest, mediaType, bytes.byteLength, null, bytes);
  }

  /** Records the intent to put a copy into the bucket. `until`: `use` must be called before that time. */
  begin({ digest, mediaType, bytes }: NewFile, until: number): BucketCopy {
    return this.#sql
      .exec<BucketCopy>(`${INSERT} RETURNING id, digest`, digest, mediaType, bytes.byteLength, until, null)
      .one();
  }

  /** Whether a copy that was put can still be used. false: its time is over, and the copy may have been deleted. */
  isUsable(id: number, now: number): boolean {
    const query = "SELECT 1 FROM files WHERE id = ? AND attempts = 0 AND check_at > ?";
    return this.#sql.exec(query, id, now).toArray().length > 0;
  }

  /** Takes a usable copy into use. */
  use(id: number): void {
    this.#sql.exec("UPDATE files SET check_at = NULL WHERE id = ?", id);
  }

  /** Gives up the files of the inputs `first` to `last` that have a feature. */
  giveUpOf(first: number, last: number): void {
    const digests = "IN (SELECT digest FROM inputs WHERE id BETWEEN ?1 AND ?2 AND block <> ?3)";
    for (const statement of giveUp(digests)) this.#sql.exec(statement, first, last, PENDING_BLOCK);
  }

  /** Gives up the files with these digests. */
  giveUp(digests: readonly string[]): void {
    for (const statement of giveUp("IN (SELECT value FROM json_each(?))"))
      this.#sql.exec(statement, JSON.stringify(digests));
  }

  /** Copies to delete from the bucket. If they are not removed, they are claimed again 1 s, 4 s … an hour later. */
  claimUnused(now: number, most: number): BucketCopy[] {
    const claim = `UPDATE files SET attempts = attempts + 1, check_at = ?1 + 1000 * min(3600, 1 << min(12, 2 * attempts))
      WHERE id IN (SELECT id FROM files WHERE check_at <= ?1 ORDER BY check_at LIMIT ?2) RETURNING id, digest`;
    return this.#sql.exec<BucketCopy>(claim, now, most).toArray();
  }

  remove(copies: readonly BucketCopy[]): void {
    const ids = JSON.stringify(copies.map(({ id }) => id));
    this.#sql.exec("DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))", ids);
  }

  /** When the next copy is to be deleted; null if there is none. */
  nextCheck(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(check_at) AS at FROM files").one().at;
  }

  /** Bytes of all copies that the bucket may have. */
  bucketBytes(): number {
    return this.#sql.exec<{ bytes: number }>("SELECT bytes FROM bucket_use").one().bytes;
  }
}

export const filesOf = ({ storage }: { readonly storage: { readonly sql: SqlStorage } }): FileTable =>
  new FileTable(storage.sql);
