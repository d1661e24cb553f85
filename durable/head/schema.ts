// The schema of a head's object. Append-only: a migration that has run anywhere is never edited.
import { CHUNKS_INDEXED } from "../kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS } from "../kit/idempotency.ts";
import type { Migration } from "../kit/migrations.ts";
import { FIRST_TABLES, SNAPSHOT_BY_FOLD, TARGETS_ADDED } from "../tables/first-schemas.ts";
import { FILES_SCHEMA, OUTDATED_SCHEMA, UNUSED_INPUTS_SCHEMA } from "../tables/input-schemas.ts";
import { LABEL_CONFLICTS_SCHEMA } from "../tables/label-issues.ts";
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
  FIRST_TABLES,
  TARGETS_ADDED,
  SNAPSHOT_BY_FOLD,
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
