// The tables of a head's sources: sources.ts, deliveries.ts, example-groups.ts and example-orders.ts.

export const SOURCES_SCHEMA = `
CREATE TABLE sources (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, settings TEXT NOT NULL, secrets TEXT NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0, last_failure TEXT, created_at INTEGER NOT NULL
);
`;

/** Deleted sources with data that is still to be deleted. */
export const REMOVED_SOURCES_SCHEMA = "CREATE TABLE removed_sources (id TEXT PRIMARY KEY) WITHOUT ROWID;";

export const DELIVERIES_SCHEMA = `
CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT,
  example TEXT, job TEXT, attempts INTEGER NOT NULL, bytes INTEGER NOT NULL, received_at INTEGER NOT NULL, payload BLOB,
  UNIQUE (source, id)
);
CREATE INDEX deliveries_by_source ON deliveries (source, seq);
CREATE INDEX deliveries_by_age ON deliveries (received_at);
CREATE INDEX deliveries_with_payload ON deliveries (seq) WHERE payload IS NOT NULL;
`;

/** Digests of the signed bytes. Older rows have none. */
export const DELIVERIES_SIGNED = `
ALTER TABLE deliveries ADD COLUMN signed TEXT;
CREATE INDEX deliveries_by_signed ON deliveries (signed) WHERE signed IS NOT NULL;
`;

/** Counts and headers as JSON. */
export const DELIVERY_DETAILS_SCHEMA = `
ALTER TABLE deliveries ADD COLUMN changes TEXT;
ALTER TABLE deliveries ADD COLUMN headers TEXT;
`;

export const EXAMPLE_GROUPS_SCHEMA = `
CREATE TABLE example_groups (
  source TEXT NOT NULL, example TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, example)
) WITHOUT ROWID;
CREATE INDEX example_groups_by_name ON example_groups (source, name);
CREATE INDEX example_groups_by_example ON example_groups (example);
CREATE TRIGGER example_ungrouped AFTER DELETE ON examples BEGIN
  DELETE FROM example_groups WHERE example = old.id;
END;
`;

export const EXAMPLE_ORDERS_SCHEMA = `
CREATE TABLE example_orders (example TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER example_unordered AFTER DELETE ON examples BEGIN
  DELETE FROM example_orders WHERE example = old.id;
END;
CREATE TABLE tombstones (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, name TEXT NOT NULL, position TEXT NOT NULL,
  deleted_at INTEGER NOT NULL, UNIQUE (source, name)
);
CREATE INDEX tombstones_by_age ON tombstones (deleted_at);
`;
