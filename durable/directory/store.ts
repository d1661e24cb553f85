// Everything that the directory stores.
import { CHUNKS_SCHEMA, ChunkTable } from "../kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS, IDEMPOTENCY_SCHEMA, IdempotencyTable } from "../kit/idempotency.ts";
import { type Migration, migrate } from "../kit/migrations.ts";
import { DROPPED_FILES_SCHEMA, DroppedFileTable } from "../tables/dropped-files.ts";
import { NAMES_SCHEMA, NameTable } from "../tables/names.ts";
import { SOURCE_ROUTES_GENERATION, SOURCE_ROUTES_SCHEMA, SourceRouteTable } from "../tables/source-routes.ts";

/** Append-only: a migration that has run anywhere is never edited. */
const DIRECTORY_MIGRATIONS: readonly Migration[] = [
  [NAMES_SCHEMA, CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA].join("\n"),
  IDEMPOTENCY_OWNERS,
  SOURCE_ROUTES_SCHEMA,
  IDEMPOTENCY_BYTES,
  SOURCE_ROUTES_GENERATION,
  DROPPED_FILES_SCHEMA,
];

export interface DirectoryStore {
  readonly tenants: NameTable;
  readonly sources: SourceRouteTable;
  readonly dropped: DroppedFileTable;
  readonly idempotency: IdempotencyTable;
}

export function openDirectoryStore(storage: DurableObjectStorage): DirectoryStore {
  migrate(storage, DIRECTORY_MIGRATIONS);
  const { sql } = storage;
  return {
    tenants: new NameTable(sql),
    sources: new SourceRouteTable(sql),
    dropped: new DroppedFileTable(sql),
    idempotency: new IdempotencyTable(sql, new ChunkTable(sql)),
  };
}
