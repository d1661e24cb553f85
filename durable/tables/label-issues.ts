// Label issues by version and rank. Lists omit issues that are out of date: those of examples that were deleted, relabelled or
// given another input since.
import type { PageQuery } from "../../src/contract/common.ts";
import type { LabelConflict } from "../../src/contract/example-rpc.ts";
import type { LabelIssueView } from "../../src/contract/label-issues.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { numberCursor, rowsToRead } from "../kit/pages.ts";
import { inJsonBatches } from "../kit/rows.ts";

/** An issue as stored: examples by `seq`. */
export interface IssueRecord extends Omit<LabelIssueView, "example" | "others" | "suspicion"> {
  readonly example: number;
  /** The first 16 hex digits of the input's digest. */
  readonly digest: string;
  readonly others: readonly number[];
}

export type RankedIssue = LabelIssueView & { readonly rank: number };
type Row = { rank: number; id: string; record: string; suspicion: number; others: string };
type ConflictRow = { rank: number; id: string; label: string; suggested: string; others: string };

/** The other examples of an issue that still exist and still have another label. */
const OTHERS = `(SELECT json_group_array(other.id)
  FROM json_each(record, '$.others') JOIN examples other ON other.seq = json_each.value
  WHERE other.label <> examples.label)`;

/** Conflicts of uploads come first: two labels of one input cannot both be right. */
const RANK_AFTER_CONFLICTS = 1e12;

/** Examples whose input had two labels in one upload. `overwritten`: both rows had one id, so no example has the other label. */
export const LABEL_CONFLICTS_SCHEMA = `
CREATE TABLE label_conflicts (
  seq INTEGER PRIMARY KEY, example INTEGER NOT NULL UNIQUE, label TEXT NOT NULL, other TEXT NOT NULL,
  overwritten INTEGER NOT NULL
);
`;

/** Other examples of the same input that have another label. */
const SAME_INPUT = "FROM examples other WHERE other.input = examples.input AND other.label <> examples.label";

/** Unknown scores count as equal, so that a near duplicate without scores has a suspicion of one half. */
const SUSPICION = `CASE WHEN record ->> 'kind' = 'duplicate' THEN 1.0 ELSE
  (coalesce(record ->> 'suggested_score', 0) + 1e-9)
  / (coalesce(record ->> 'suggested_score', 0) + coalesce(record ->> 'score', record ->> 'suggested_score', 0) + 2e-9) END`;

export class LabelIssueTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores issues in order of rank, and deletes those of versions that are too old. */
  put(version: number, issues: readonly IssueRecord[]): void {
    const rows = issues.map(({ example, ...record }, rank) => [rank + 1, example, JSON.stringify(record)]);
    const insert = `INSERT INTO label_issues SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)`;
    inJsonBatches(rows, (json) => this.#sql.exec(insert, version, json));
    this.#sql.exec("DELETE FROM label_issues WHERE version <= ?", version - LIMITS.versionsWithLabelIssues);
  }

  /** Stores the label conflicts of an upload. Skips examples that no longer exist or that have the other label. */
  putConflicts(conflicts: readonly LabelConflict[]): void {
    const insert = `INSERT OR REPLACE INTO label_conflicts (example, label, other, overwritten)
      SELECT examples.seq, name, given.value ->> 1, NOT EXISTS (SELECT 1 ${SAME_INPUT})
      FROM json_each(?) given JOIN examples ON examples.id = given.value ->> 0 JOIN labels ON labels.id = examples.label
      WHERE name <> given.value ->> 1`;
    const rows = conflicts.map(({ id, other }) => [id, other]);
    inJsonBatches(rows, (json) => this.#sql.exec(insert, json));
    const oldest = "SELECT seq FROM label_conflicts ORDER BY seq DESC LIMIT -1 OFFSET ?";
    this.#sql.exec(`DELETE FROM label_conflicts WHERE seq IN (${oldest})`, LIMITS.conflictsKept);
  }

  /**
   * Current issues, one more than a page: first upload conflicts that the version's training did not find, then its own issues.
   */
  list(version: number, page: PageQuery, minSuspicion: number): RankedIssue[] {
    const after = numberCursor(page, 0);
    const conflicts = after < RANK_AFTER_CONFLICTS ? this.#conflicts(version, after, rowsToRead(page)) : [];
    const [from, limit] = [Math.max(0, after - RANK_AFTER_CONFLICTS), rowsToRead(page) - conflicts.length];
    return [...conflicts, ...this.#own(version, from, limit, minSuspicion)];
  }

  #own(version: number, after: number, limit: number, minSuspicion: number): RankedIssue[] {
    const query = `SELECT * FROM (
        SELECT rank, examples.id AS id, record, ${SUSPICION} AS suspicion, ${OTHERS} AS others FROM label_issues
        JOIN examples ON examples.seq = example
        JOIN inputs ON inputs.id = examples.input
        JOIN labels ON labels.id = examples.label
        WHERE version = ?1 AND rank > ?2 AND labels.name = record ->> 'label' AND substr(digest, 1, 16) = record ->> 'digest'
      ) WHERE (record ->> 'kind' = 'contradiction' OR others <> '[]') AND suspicion >= ?4
      ORDER BY rank LIMIT ?3`;
    const rows = this.#sql.exec<Row>(query, version, after, limit, minSuspicion).toArray();
    return rows.map((row) => issueOf({ ...row, rank: RANK_AFTER_CONFLICTS + row.rank }));
  }

  #conflicts(version: number, after: number, limit: number): RankedIssue[] {
    const others = `(SELECT json_group_array(id) FROM (SELECT other.id ${SAME_INPUT} LIMIT ${LIMITS.othersPerLabelIssue}))`;
    const query = `SELECT * FROM (
        SELECT label_conflicts.seq AS rank, examples.id AS id, label_conflicts.label AS label, other AS suggested,
          overwritten, ${others} AS others
        FROM label_conflicts
        JOIN examples ON examples.seq = example
        JOIN labels ON labels.id = examples.label
        WHERE label_conflicts.seq > ?2 AND labels.name = label_conflicts.label
          AND examples.input NOT IN (SELECT found.input FROM label_issues JOIN examples found ON found.seq = label_issues.example
            WHERE version = ?1)
      ) WHERE overwritten OR others <> '[]'
      ORDER BY rank LIMIT ?3`;
    return this.#sql.exec<ConflictRow>(query, version, after, limit).toArray().map(issueOfConflict);
  }

  /** Deletes the conflict of an example, whose label a caller has confirmed. */
  settleConflict(example: number): void {
    this.#sql.exec("DELETE FROM label_conflicts WHERE example = ?", example);
  }

  removeVersion(version: number): void {
    this.#sql.exec("DELETE FROM label_issues WHERE version = ?", version);
  }

  removeExamples(seqs: readonly number[]): void {
    for (const table of ["label_issues", "label_conflicts"]) {
      const remove = `DELETE FROM ${table} WHERE example IN (SELECT value FROM json_each(?))`;
      inJsonBatches(seqs, (json) => this.#sql.exec(remove, json));
    }
  }
}

function issueOf({ rank, id, record, suspicion, others: json }: Row): RankedIssue {
  const { digest: _, others: __, ...issue } = JSON.parse(record) as Omit<IssueRecord, "example">;
  const others = JSON.parse(json) as string[];
  return { rank, example: id, ...issue, suspicion, others: others.length > 0 ? others : undefined };
}

function issueOfConflict({ rank, id, label, suggested, others: json }: ConflictRow): RankedIssue {
  const others = JSON.parse(json) as string[];
  const scores = { score: null, suggested_score: null, suspicion: 1 };
  const issue = { rank, example: id, label, suggested, ...scores, kind: "conflict" } as const;
  return others.length > 0 ? { ...issue, others } : issue;
}
