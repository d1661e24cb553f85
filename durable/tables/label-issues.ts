// Label issues by version and rank. What they tell may be out of date by the time they are read: examples that were deleted,
// relabelled or given another input since are left out.
import type { PageQuery } from "../../src/contract/common.ts";
import type { LabelIssueView } from "../../src/contract/label-issues.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { numberCursor, rowsToRead } from "../kit/pages.ts";
import { inJsonBatches } from "../kit/rows.ts";

/** As it is stored: examples by `seq`. */
export interface IssueRecord extends Omit<LabelIssueView, "example" | "others"> {
  readonly example: number;
  /** The first 16 hex digits of the input's digest. */
  readonly digest: string;
  readonly others: readonly number[];
}

export type RankedIssue = LabelIssueView & { readonly rank: number };
type Row = { rank: number; id: string; record: string; others: string };

/** Of those that it contradicts, the ones that are there and still have another label. */
const OTHERS = `(SELECT json_group_array(other.id)
  FROM json_each(record, '$.others') JOIN examples other ON other.seq = json_each.value
  WHERE other.label <> examples.label)`;

export class LabelIssueTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** `issues` in order of rank; forgets those of versions that are too old. */
  put(version: number, issues: readonly IssueRecord[]): void {
    const rows = issues.map(({ example, ...record }, rank) => [rank + 1, example, JSON.stringify(record)]);
    const insert = `INSERT INTO label_issues SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)`;
    inJsonBatches(rows, (json) => this.#sql.exec(insert, version, json));
    this.#sql.exec("DELETE FROM label_issues WHERE version <= ?", version - LIMITS.versionsWithLabelIssues);
  }

  /** Those that still hold, a page and one more. */
  list(version: number, page: PageQuery): RankedIssue[] {
    const query = `SELECT * FROM (
        SELECT rank, examples.id AS id, record, ${OTHERS} AS others FROM label_issues
        JOIN examples ON examples.seq = example
        JOIN inputs ON inputs.id = examples.input
        JOIN labels ON labels.id = examples.label
        WHERE version = ?1 AND rank > ?2 AND labels.name = record ->> 'label' AND substr(digest, 1, 16) = record ->> 'digest'
      ) WHERE record ->> 'kind' = 'contradiction' OR others <> '[]'
      ORDER BY rank LIMIT ?3`;
    const rows = this.#sql.exec<Row>(query, version, numberCursor(page, 0), rowsToRead(page));
    return rows.toArray().map(issueOf);
  }

  /** Forgets the issues of a version. */
  removeVersion(version: number): void {
    this.#sql.exec("DELETE FROM label_issues WHERE version = ?", version);
  }

  /** Forgets what was said of an example. */
  removeExample(seq: number): void {
    this.#sql.exec("DELETE FROM label_issues WHERE example = ?", seq);
  }
}

function issueOf({ rank, id, record, others: json }: Row): RankedIssue {
  const { digest: _, others: __, ...issue } = JSON.parse(record) as Omit<IssueRecord, "example">;
  const others = JSON.parse(json) as string[];
  return { rank, example: id, ...issue, ...(others.length > 0 ? { others } : {}) };
}
