// The storage of an object for as long as it holds one head. A deletion closes it, and every later use of it throws. So work that
// waited during the deletion cannot touch the tables of the next head, and need not check for it.
import { Fault } from "../../src/core/problems.ts";

/** The part of an object's storage that tables and their users need. */
export interface ObjectStorage extends Pick<DurableObjectStorage, "setAlarm" | "transaction" | "transactionSync"> {
  readonly sql: SqlStorage;
}

export interface ClosableStorage {
  readonly storage: ObjectStorage;
  close(): void;
}

/** Each use after `close` throws `not_found` with this detail. */
export function closable(storage: DurableObjectStorage, detail: string): ClosableStorage {
  let isClosed = false;
  const opened = (): DurableObjectStorage => {
    if (isClosed) throw new Fault("not_found", detail);
    return storage;
  };
  const sql = {
    exec: (query: string, ...bindings: unknown[]) => opened().sql.exec(query, ...bindings),
    get databaseSize(): number {
      return opened().sql.databaseSize;
    },
  } as SqlStorage;
  return {
    storage: {
      sql,
      setAlarm: async (at, options) => opened().setAlarm(at, options),
      transaction: async (work) => opened().transaction(work),
      transactionSync: (work) => opened().transactionSync(work),
    },
    close: () => {
      isClosed = true;
    },
  };
}
