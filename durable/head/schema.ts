// The schema of a head's object. Append-only: a migration that has run anywhere is never edited.
import { ALARMS_SCHEMA } from "../kit/alarms.ts";
import { CHUNKS_INDEXED, CHUNKS_SCHEMA } from "../kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS, IDEMPOTENCY_SCHEMA } from "../kit/idempotency.ts";
import type { Migration } from "../kit/migrations.ts";
import { FILES_SCHEMA, OUTDATED_SCHEMA, UNUSED_INPUTS_SCHEMA } from "../tables/input-schemas.ts";
import { LABEL_CONFLICTS_SCHEMA } from "../tables/label-issues.ts";
import { META_SCHEMA } from "../tables/meta.ts";
import { OUTBOX_SCHEMA } from "../tables/outbox.ts";
import {
  DELIVERIES_SCHEMA,
  DELIVERIES_SIGNED,
  DELIVERY_DETAILS_SCHEMA,
  EXAMPLE_GROUPS_SCHEMA,
  EXAMPLE_ORDERS_SCHEMA,
  REMOVED_SOURCES_SCHEMA,
  SOURCES_SCHEMA,
} from "../tables/source-schemas.ts";
import { IMPORTS_SCHEMA } from "../tables/versions.ts";

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

// Targets other than one label. Such an example has label 0, which is no label's id, because SQLite cannot drop NOT NULL
// without rewriting every row. Old rows keep their labels; they are counted once here, then by triggers.
const targets = `
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
const folds = `
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

const sources = SOURCES_SCHEMA + DELIVERIES_SCHEMA;

/** Counts of answers by hour (ms since the epoch; 0: since the version was made), and captures for review. */
const serving = `
CREATE TABLE stats (hour INTEGER NOT NULL, version INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (hour, version)) WITHOUT ROWID;
CREATE TABLE drift_references (version INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE captures (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL UNIQUE, uncertainty REAL NOT NULL,
  created_at INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX captures_by_uncertainty ON captures (uncertainty DESC, seq);
CREATE INDEX captures_by_age ON captures (created_at);
`;

/** Blobs in tables that are not searched, for the reason in chunks.ts, and apart from columns that are read without them. */
const indexed = `
DELETE FROM chunks WHERE owner LIKE 'checkpoint%';
DELETE FROM meta WHERE key = 'checkpoint';
${CHUNKS_INDEXED}
DROP TABLE snapshot;
CREATE TABLE snapshot (
  part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, half INTEGER NOT NULL, targets BLOB NOT NULL,
  examples BLOB NOT NULL, digests BLOB NOT NULL, features BLOB NOT NULL, PRIMARY KEY (part, number)
);
`;

/** Rows in another form: an open job begins again. */
const integers = `
DELETE FROM chunks WHERE owner LIKE 'checkpoint%';
DELETE FROM meta WHERE key = 'checkpoint';
DELETE FROM snapshot;
ALTER TABLE snapshot RENAME COLUMN half TO scaled;
`;

/** Features in pieces, apart from their block's row: an open job begins again. */
const pieces = `
DELETE FROM chunks WHERE owner LIKE 'checkpoint%';
DELETE FROM meta WHERE key = 'checkpoint';
DROP TABLE snapshot;
CREATE TABLE snapshot (
  part TEXT NOT NULL, number INTEGER NOT NULL, rows INTEGER NOT NULL, scaled INTEGER NOT NULL, targets BLOB NOT NULL,
  examples BLOB NOT NULL, digests BLOB NOT NULL, PRIMARY KEY (part, number)
);
CREATE TABLE snapshot_features (
  part TEXT NOT NULL, number INTEGER NOT NULL, piece INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (part, number, piece)
);
`;

/** Thresholds of multilabel heads take more rounds. An open job begins again. */
const recalibration = `
DELETE FROM chunks WHERE owner LIKE 'checkpoint%';
DELETE FROM meta WHERE key = 'checkpoint';
`;

/** Deliveries of several examples, with the headers that mappings read; and the groups by which senders delete examples. */
const severalExamples = DELIVERY_DETAILS_SCHEMA + EXAMPLE_GROUPS_SCHEMA;

/**
 * Predictions that feedback can name. `chars`: running total of the characters of all records, this row included; the difference
 * of two rows is the size of the rows between them.
 */
const predictions = `
CREATE TABLE predictions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, chars INTEGER NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX predictions_by_age ON predictions (at);
CREATE INDEX predictions_by_chars ON predictions (chars);
`;

/** Sums of held-out rows by task. An open job begins again. */
const sumsByTask = `
DELETE FROM chunks WHERE owner LIKE 'checkpoint%';
DELETE FROM meta WHERE key = 'checkpoint';
`;

/** The number of captures and the bytes of their records. Triggers count those of the future. */
const captureUse = `
CREATE TABLE capture_use (captures INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO capture_use SELECT count(*), coalesce(sum(octet_length(record)), 0) FROM captures;
CREATE TRIGGER capture_added AFTER INSERT ON captures BEGIN
  UPDATE capture_use SET captures = captures + 1, bytes = bytes + octet_length(new.record);
END;
CREATE TRIGGER capture_removed AFTER DELETE ON captures BEGIN
  UPDATE capture_use SET captures = captures - 1, bytes = bytes - octet_length(old.record);
END;
CREATE TRIGGER capture_changed AFTER UPDATE OF record ON captures BEGIN
  UPDATE capture_use SET bytes = bytes + octet_length(new.record) - octet_length(old.record);
END;
`;

export const HEAD_MIGRATIONS: readonly Migration[] = [
  first,
  targets,
  folds,
  IDEMPOTENCY_OWNERS,
  serving,
  IMPORTS_SCHEMA,
  OUTBOX_SCHEMA,
  sources,
  indexed,
  integers,
  pieces,
  DELIVERIES_SIGNED,
  recalibration,
  IDEMPOTENCY_BYTES,
  OUTDATED_SCHEMA,
  severalExamples,
  EXAMPLE_ORDERS_SCHEMA,
  LABEL_CONFLICTS_SCHEMA,
  predictions,
  UNUSED_INPUTS_SCHEMA,
  REMOVED_SOURCES_SCHEMA,
  sumsByTask,
  FILES_SCHEMA,
  captureUse,
];
