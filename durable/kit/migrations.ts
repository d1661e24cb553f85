// Runs schema migrations. Migrations are append-only: applied ones are stored word for word, and an edited or missing one stops
// the object before it changes a row.

export type Migration = string;

/** Whether this object has ever stored anything. The check does not create its database. */
export function isStored(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").toArray().length > 0;
}

/** Brings the schema up to the last of `migrations`, in one transaction. Throws when history was edited. */
export function migrate(storage: DurableObjectStorage, migrations: readonly Migration[]): void {
  storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, sql TEXT NOT NULL)");
    const ran = sql.exec<{ sql: string }>("SELECT sql FROM migrations ORDER BY number").toArray();
    refuseEditedHistory(
      ran.map((row) => row.sql),
      migrations,
    );
    migrations.slice(ran.length).forEach((text, i) => {
      sql.exec(text);
      sql.exec("INSERT INTO migrations (number, sql) VALUES (?, ?)", ran.length + i + 1, text);
    });
  });
}

function refuseEditedHistory(ran: readonly string[], migrations: readonly Migration[]): void {
  const edited = ran.findIndex((text, i) => text !== migrations[i]);
  if (edited >= 0)
    throw new Error(`Migration ${edited + 1} was edited after it ran; restore its text and add a new migration`);
}
