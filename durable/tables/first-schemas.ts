// The first tables of a head: those of labels, inputs, examples, jobs, versions and snapshots, before later migrations change
// them.
import { ALARMS_SCHEMA } from "../kit/alarms.ts";
import { CHUNKS_SCHEMA } from "../kit/chunks.ts";
import { IDEMPOTENCY_SCHEMA } from "../kit/idempotency.ts";
import { META_SCHEMA } from "./meta.ts";

export const FIRST_TABLES = `
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

// Targets other than one label. Such an example has label 0, which is no label's id, because SQLite cannot drop NOT NULL
// without rewriting every row. Old rows keep their labels; they are counted once here, then by triggers.
export const TARGETS_ADDED = `
ALTER TABLE examples ADD COLUMN label_ids TEXT;
ALTER TABLE examples ADD COLUMN value TEXT;
CREATE TABLE example_labels (label INTEGER NOT NULL, example INTEGER NOT NULL, PRIMARY KEY (label, example)) WITHOUT ROWID;
CREATE TABLE tally (examples INTEGER NOT NULL);
INSERT INTO tally SELECT count(*) FROM examples;
CREATE TRIGGER example_counted AFTER INSERT ON examples BEGIN
  UPDATE tally SET examples = examples + 1;
END;
CREATE TRIGGER example_uncounted AFTER DELETE ON examples BEGIN
  UPDATE tally SET examples = examples - 1;
END;
CREATE TRIGGER example_labels_added AFTER INSERT ON examples WHEN new.label_ids IS NOT NULL BEGIN
  INSERT INTO example_labels SELECT value, new.seq FROM json_each(new.label_ids);
END;
CREATE TRIGGER example_labels_removed AFTER DELETE ON examples WHEN old.label_ids IS NOT NULL BEGIN
  DELETE FROM example_labels WHERE example = old.seq AND label IN (SELECT value FROM json_each(old.label_ids));
END;
CREATE TRIGGER example_labels_changed AFTER UPDATE OF label_ids ON examples WHEN new.label_ids IS NOT old.label_ids BEGIN
  DELETE FROM example_labels WHERE example = old.seq AND label IN (SELECT value FROM json_each(old.label_ids));
  INSERT INTO example_labels SELECT value, new.seq FROM json_each(new.label_ids);
END;
CREATE TRIGGER label_given AFTER INSERT ON example_labels BEGIN
  UPDATE labels SET examples = examples + 1 WHERE id = new.label;
END;
CREATE TRIGGER label_taken AFTER DELETE ON example_labels BEGIN
  UPDATE labels SET examples = examples - 1 WHERE id = old.label;
END;
`;

/** Rows of a job by fold, as halves once they are scaled. An open job begins again: its checkpoint is from another engine. */
export const SNAPSHOT_BY_FOLD = `
DROP TABLE snapshot;
CREATE TABLE snapshot (
  part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, half INTEGER NOT NULL, features BLOB NOT NULL,
  targets BLOB NOT NULL, examples BLOB NOT NULL, digests BLOB NOT NULL, PRIMARY KEY (part, number)
) WITHOUT ROWID;
DELETE FROM chunks WHERE owner = 'checkpoint';
CREATE TABLE label_issues (
  version INTEGER NOT NULL, rank INTEGER NOT NULL, example INTEGER NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (version, rank)
) WITHOUT ROWID;
`;
