// The tables with data of inputs: marks of older revisions and of inputs to delete (features.ts), and files (files.ts).
import { giveUp } from "./files.ts";

/** Blocks whose features an older backbone revision made. The newest revision made all others. */
export const OUTDATED_SCHEMA = "CREATE TABLE outdated_blocks (block INTEGER PRIMARY KEY, revision TEXT NOT NULL);";

/** Inputs that lost their last example and will be deleted. */
export const UNUSED_INPUTS_SCHEMA = "CREATE TABLE unused_inputs (id INTEGER PRIMARY KEY);";

/**
 * `check_at` null: the copy is in use; each digest has at most one such copy. Otherwise the row is an intent: the bucket may have
 * an object that nothing needs, which is deleted from that time on; 0: at once.
 */
const TABLES = `
CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL, media_type TEXT NOT NULL, bytes INTEGER NOT NULL,
  check_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0, data BLOB
);
CREATE UNIQUE INDEX files_in_use ON files (digest) WHERE check_at IS NULL;
CREATE INDEX files_to_check ON files (check_at) WHERE check_at IS NOT NULL;
CREATE TABLE bucket_use (bytes INTEGER NOT NULL);
INSERT INTO bucket_use VALUES (0);
CREATE TRIGGER file_added AFTER INSERT ON files WHEN new.data IS NULL BEGIN
  UPDATE bucket_use SET bytes = bytes + new.bytes;
END;
CREATE TRIGGER file_removed AFTER DELETE ON files WHEN old.data IS NULL BEGIN
  UPDATE bucket_use SET bytes = bytes - old.bytes;
END;
CREATE TRIGGER file_unused AFTER UPDATE OF check_at ON files WHEN new.check_at = 0 BEGIN
  INSERT OR REPLACE INTO alarms VALUES ('files', 1); -- PLATFORM: no alarm can be set to 0
END;
`;

/** A file is kept as long as a row of one of these tables has its digest. */
const forgottenWith = (table: string, other: string): string => `
CREATE TRIGGER file_forgotten_with_${table} AFTER DELETE ON ${table}
WHEN EXISTS (SELECT 1 FROM files WHERE digest = old.digest AND check_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM ${other} WHERE digest = old.digest) BEGIN
  ${giveUp("= old.digest").join(";\n  ")};
END;
`;

export const FILES_SCHEMA = TABLES + forgottenWith("inputs", "captures") + forgottenWith("captures", "inputs");
