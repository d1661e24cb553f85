// Reads all examples in training order: by input digest, target, split and id. This order does not depend on the order of
// arrival, so that the same examples always give the same dataset digest.
import type { Split } from "../../src/contract/examples.ts";
import { type Target, targetText } from "../../src/contract/targets.ts";
import { type Task, targetFieldOf } from "../../src/contract/tasks.ts";
import { compareUtf8, sortInSteps } from "../../src/core/sort.ts";
import { PENDING_BLOCK } from "./pending-inputs.ts";
import { type StoredTarget, TARGET_COLUMNS, TARGET_STORAGE, targetReader } from "./targets.ts";

/** The fields of an example that a training needs: no text. */
export interface TrainingRow {
  readonly seq: number;
  readonly input: number;
  readonly digest: string;
  readonly target: Target;
  readonly split: Split | null;
  readonly block: number;
  readonly slot: number;
}

/** Whether the example's input has no feature yet. */
export const isPending = ({ block }: TrainingRow): boolean => block === PENDING_BLOCK;

interface Identified extends TrainingRow {
  readonly id: string;
}

type Stored<Row> = Record<string, SqlStorageValue> & Omit<Row, "target"> & StoredTarget;

/** Rows that a part of the digest range has on average, and most rows of a part: a few milliseconds. */
const [ROWS_A_PART, MOST_ROWS] = [250, 500];
/** Number of prefixes of four hex digits. */
const DIGEST_PREFIXES = 65_536;

const COLUMNS = `seq, input, digest, ${TARGET_COLUMNS}, split, block, slot`;
const INPUTS = "FROM inputs CROSS JOIN examples ON examples.input = inputs.id";
const LABELS = "LEFT JOIN labels ON labels.id = examples.label";
const RANGE = "digest >= ? AND digest < ?";

export class TrainingOrder {
  readonly #sql: SqlStorage;
  readonly #task: Task;

  constructor(sql: SqlStorage, task: Task) {
    this.#sql = sql;
    this.#task = task;
  }

  /** `count`: the number of examples. A part may be empty: it has taken its time anyway. */
  *parts(count: number): Generator<readonly TrainingRow[]> {
    const parts = Math.min(DIGEST_PREFIXES, Math.ceil(count / ROWS_A_PART));
    for (let part = 0; part < parts; part++) {
      const [from, to] = [part, part + 1].map((at) => digestAt(at / parts)) as [string, string];
      if (this.#hasMany(from, to)) yield* this.#inputByInput(from, to);
      else yield this.#between(from, to);
    }
  }

  #hasMany(from: string, to: string): boolean {
    const some = `SELECT 1 ${INPUTS} WHERE ${RANGE} LIMIT ?`;
    const query = `SELECT count(*) AS rows FROM (${some})`;
    return this.#sql.exec<{ rows: number }>(query, from, to, MOST_ROWS + 1).one().rows > MOST_ROWS;
  }

  /** Reads inputs by digest, which has an index, so SQLite sorts only the examples of one input. */
  #between(from: string, to: string): readonly TrainingRow[] {
    const query = `SELECT ${COLUMNS} ${INPUTS} ${LABELS}
      WHERE ${RANGE} ORDER BY digest, labels.name, value, split, examples.id`;
    const rows = this.#read<TrainingRow>(this.#sql.exec<Stored<TrainingRow>>(query, from, to).toArray());
    // Sorts by label names: ids depend on the order of arrival. The sort is stable, so split and id still decide ties.
    return TARGET_STORAGE[targetFieldOf(this.#task)].needsSort ? rows.sort(byDigestAndTarget) : rows;
  }

  /** A part with an input of many examples, which SQLite would sort in one long step. */
  *#inputByInput(from: string, to: string): Generator<readonly TrainingRow[]> {
    const query = `SELECT digest FROM inputs WHERE ${RANGE} ORDER BY digest`;
    for (const { digest } of this.#sql.exec<{ digest: string }>(query, from, to).toArray()) {
      const next = `${digest}g`; // after this digest, and before any other
      if (this.#hasMany(digest, next)) yield* this.#ofOneInput(digest);
      else yield this.#between(digest, next);
    }
  }

  *#ofOneInput(digest: string): Generator<readonly TrainingRow[]> {
    const rows: Identified[] = [];
    for (const window of this.#windowsOf(digest)) {
      for (const row of window) rows.push(row);
      yield [];
    }
    const sorting = sortInSteps(rows, byTarget());
    let step = sorting.next();
    for (; !step.done; step = sorting.next()) yield [];
    for (let at = 0; at < step.value.length; at += MOST_ROWS) yield step.value.slice(at, at + MOST_ROWS).map(withoutId);
  }

  /** The examples of one input in order of arrival, some at a time. */
  *#windowsOf(digest: string): Generator<readonly Identified[]> {
    const query = `SELECT ${COLUMNS}, examples.id AS id ${INPUTS} ${LABELS} WHERE digest = ? AND seq > ? ORDER BY seq LIMIT ?`;
    for (let seq = 0; ; ) {
      const window = this.#read<Identified>(
        this.#sql.exec<Stored<Identified>>(query, digest, seq, MOST_ROWS).toArray(),
      );
      yield window;
      if (window.length < MOST_ROWS) return;
      seq = window.at(-1)?.seq as number;
    }
  }

  #read<Row>(stored: readonly (Omit<Row, "target"> & StoredTarget)[]) {
    const targetOf = targetReader(this.#sql, stored);
    return stored.map((row) => ({ ...row, target: targetOf(row) }));
  }
}

/** The first digest of the part that begins at this share of the digest range; after the last digest for 1. */
const digestAt = (share: number): string =>
  share >= 1
    ? "g"
    : Math.round(share * DIGEST_PREFIXES)
        .toString(16)
        .padStart(4, "0");

function byDigestAndTarget(a: TrainingRow, b: TrainingRow): number {
  if (a.digest !== b.digest) return a.digest < b.digest ? -1 : 1;
  return compareText(targetText(a.target), targetText(b.target));
}

/** The order of `#between` for the rows of one input. Makes the text of a set of labels once. */
function byTarget(): (a: Identified, b: Identified) => number {
  const texts = new Map<Target, string>();
  const textOf = (target: Target): string => {
    const text = texts.get(target) ?? targetText(target);
    texts.set(target, text);
    return text;
  };
  const compareTargets = (a: Target, b: Target): number => {
    if ("label" in a && "label" in b) return compareUtf8(a.label, b.label);
    if ("value" in a && "value" in b) return compareUtf8(String(a.value), String(b.value));
    return compareText(textOf(a), textOf(b));
  };
  return (a, b) =>
    compareTargets(a.target, b.target) || compareText(a.split ?? "", b.split ?? "") || compareUtf8(a.id, b.id);
}

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const withoutId = ({ id: _, ...row }: Identified): TrainingRow => row;
