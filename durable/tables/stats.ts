// Counts of predictions by hour and version, and the drift reference of each version's training.
import type { VersionTally } from "../../src/contract/serving-rpc.ts";
import { HOUR_MS } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { DriftReference, DriftSeen } from "../../src/lifecycle/drift.ts";
import { countBins, MEASURES } from "../../src/serving/measures.ts";
import { addTally, emptyTally } from "../../src/serving/tallies.ts";

const DAY_HOURS = 24;
/** The `hour` of the row that counts since the version was created. */
const SINCE_MADE = 0;

/** Rows read between two turns of the event loop: a few milliseconds for rows with a thousand labels. */
const PAGE_ROWS = 8;

/** A tally with its measures counted in bins; no bins if the version has no drift reference. */
export type Counted = Omit<VersionTally, "measures" | "labels"> & DriftSeen;

type Row = { hour: number; version: number; record: string };
/** JSON has no maps. */
interface Stored extends Omit<Counted, "labels"> {
  readonly labels: [string, number][];
}

export class StatsTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  putReference(version: number, reference: DriftReference): void {
    this.#sql.exec("INSERT OR REPLACE INTO drift_references VALUES (?, ?)", version, JSON.stringify(reference));
  }

  removeVersion(version: number): void {
    this.#sql.exec("DELETE FROM drift_references WHERE version = ?", version);
    this.#sql.exec("DELETE FROM stats WHERE version = ?", version);
  }

  reference(version: number): DriftReference | null {
    const query = "SELECT record FROM drift_references WHERE version = ?";
    const [row] = this.#sql.exec<{ record: string }>(query, version).toArray();
    return row ? (JSON.parse(row.record) as DriftReference) : null;
  }

  /** Adds a Worker's tally to the hour and to the version's own counts. */
  add(tally: VersionTally, now: number): void {
    const counted = countedOf(tally, this.reference(tally.version));
    for (const hour of [SINCE_MADE, Math.floor(now / HOUR_MS) * HOUR_MS]) this.#merge(hour, counted);
    this.#sql.exec("DELETE FROM stats WHERE hour > 0 AND hour < ?", now - LIMITS.statsDays * DAY_HOURS * HOUR_MS);
  }

  #merge(hour: number, counted: Counted): void {
    const [before] = this.#read("WHERE hour = ? AND version = ?", hour, counted.version);
    const record = before ? sumOf(before, counted) : counted;
    const stored: Stored = { ...record, labels: [...record.labels] };
    this.#sql.exec("INSERT OR REPLACE INTO stats VALUES (?, ?, ?)", hour, counted.version, JSON.stringify(stored));
  }

  /** The counts of each version since it was created, newest first, in pages. */
  sinceMade(): Generator<Counted[]> {
    return this.#inPages("hour = ?", SINCE_MADE);
  }

  /** The counts by hour and version, newest first, in pages. */
  hours(): Generator<(Counted & { readonly hour: number })[]> {
    return this.#inPages("hour > ?", SINCE_MADE);
  }

  *#inPages(of: string, value: number): Generator<(Counted & { readonly hour: number })[]> {
    let [hour, version] = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    for (;;) {
      const where = `WHERE ${of} AND (hour, version) < (?, ?) ORDER BY hour DESC, version DESC LIMIT ${PAGE_ROWS}`;
      const page = this.#read(where, value, hour, version);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      [hour, version] = [last.hour, last.version];
    }
  }

  /** All counts of a version in the last day; null if there are none. */
  lastDay(version: number, now: number): Counted | null {
    const rows = this.#read("WHERE hour > ? AND version = ?", now - DAY_HOURS * HOUR_MS, version);
    return rows.length === 0 ? null : rows.reduce<Counted>(sumOf, countedOf(emptyTally(version), null));
  }

  #read(where: string, ...values: number[]): (Counted & { readonly hour: number })[] {
    const rows = this.#sql.exec<Row>(`SELECT hour, version, record FROM stats ${where}`, ...values).toArray();
    return rows.map(({ hour, record }) => {
      const stored = JSON.parse(record) as Stored;
      return { ...stored, labels: new Map(stored.labels), hour };
    });
  }
}

function countedOf({ measures, ...tally }: VersionTally, reference: DriftReference | null): Counted {
  const width = MEASURES.length;
  const columns = MEASURES.map((_, j) => measures.filter((_, i) => i % width === j));
  return { ...tally, measures: reference ? columns.map((own, j) => countBins(reference.edges[j] ?? [], own)) : [] };
}

function sumOf(a: Counted, b: Counted): Counted {
  const labels = new Map(a.labels);
  const { measures: _, ...tally } = addTally(
    { ...a, labels, scores: [...a.scores], measures: [] },
    { ...b, labels: new Map(b.labels), scores: [...b.scores], measures: [] },
  );
  const wider = a.measures.length >= b.measures.length ? a.measures : b.measures;
  const measures = wider.map((own, j) =>
    own.map((_, bin) => (a.measures[j]?.[bin] ?? 0) + (b.measures[j]?.[bin] ?? 0)),
  );
  return { ...tally, measures };
}
