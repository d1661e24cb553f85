// The schema of a head's object. Append-only: a migration that has run anywhere is never edited.
import { ALARMS_SCHEMA } from "../kit/alarms.ts";
import { CHUNKS_SCHEMA } from "../kit/chunks.ts";
import { IDEMPOTENCY_SCHEMA } from "../kit/idempotency.ts";
import type { Migration } from "../kit/migrations.ts";
import { META_SCHEMA } from "../tables/meta.ts";

const first = `
${META_SCHEMA}
${CHUNKS_SCHEMA}
${ALARMS_SCHEMA}
${IDEMPOTENCY_SCHEMA}
CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, examples INTEGER NOT NULL DEFAULT 0);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE inputs (
  id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, text TEXT, block INTEGER NOT NULL, slot INTEGER NOT NULL
);
CREATE INDEX inputs_by_place ON inputs (block, slot);
CREATE TABLE examples (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, input INTEGER NOT NULL, label INTEGER NOT NULL,
  split TEXT, source TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX examples_by_input ON examples (input);
CREATE INDEX examples_by_label ON examples (label, seq);
CREATE TRIGGER example_added AFTER INSERT ON examples BEGIN
  UPDATE labels SET examples = examples + 1 WHERE id = new.label;
END;
CREATE TRIGGER example_removed AFTER DELETE ON examples BEGIN
  UPDATE labels SET examples = examples - 1 WHERE id = old.label;
END;
CREATE TRIGGER example_relabelled AFTER UPDATE OF label ON examples WHEN new.label <> old.label BEGIN
  UPDATE labels SET examples = examples - 1 WHERE id = old.label;
  UPDATE labels SET examples = examples + 1 WHERE id = new.label;
END;
CREATE TABLE jobs (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX events_by_job ON events (job, id);
CREATE TABLE versions (number INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL, job TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE snapshot (
  part TEXT NOT NULL, number INTEGER NOT NULL, features BLOB NOT NULL, labels BLOB NOT NULL, PRIMARY KEY (part, number)
) WITHOUT ROWID;
`;

export const HEAD_MIGRATIONS: readonly Migration[] = [first];
