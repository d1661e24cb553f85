// A feature set in the object's SQLite: raw blocks of rows in order, and its description.

export type SetPart = "train" | "test";

export interface SetMeta {
  readonly name: string;
  readonly dims: number;
  readonly classes: number;
}

export interface StoredBlock {
  /** [rows][dims] */
  readonly features: Float32Array;
  /** [rows] */
  readonly labels: Int32Array;
}

export class StoredSet {
  readonly storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    storage.sql.exec(`CREATE TABLE IF NOT EXISTS blocks (
      part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, features BLOB NOT NULL, labels BLOB NOT NULL,
      PRIMARY KEY (part, number))`);
  }

  /** The description of the set. It survives a restart of the object. */
  get meta(): SetMeta {
    const meta = this.storage.kv.get<SetMeta>("meta");
    if (!meta) throw new Error("No feature set was loaded: PUT /meta and /blocks first");
    return meta;
  }

  describe(meta: SetMeta): object {
    this.storage.kv.put("meta", meta);
    return {};
  }

  /** `bytes`: the block's features, then its labels. */
  insert(part: SetPart, number: number, rows: number, bytes: ArrayBuffer): object {
    const features = bytes.slice(0, bytes.byteLength - rows * 4);
    const labels = bytes.slice(bytes.byteLength - rows * 4);
    const statement = "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)";
    this.storage.sql.exec(statement, part, number, rows, features, labels);
    return { rows };
  }

  /** Rows of every block of a part, in order. */
  rows(part: SetPart): number[] {
    const query = "SELECT rows FROM blocks WHERE part = ? ORDER BY number";
    return this.storage.sql
      .exec<{ rows: number }>(query, part)
      .toArray()
      .map(({ rows }) => rows);
  }

  load(part: SetPart, number: number): StoredBlock {
    const query = "SELECT features, labels FROM blocks WHERE part = ? AND number = ?";
    const row = this.storage.sql.exec<{ features: ArrayBuffer; labels: ArrayBuffer }>(query, part, number).one();
    return { features: new Float32Array(row.features), labels: new Int32Array(row.labels) };
  }

  /** Reads one block at a time, so that the whole part is never in memory. */
  *blocks(part: SetPart): Generator<StoredBlock> {
    for (let number = 0; number < this.rows(part).length; number++) yield this.load(part, number);
  }
}
