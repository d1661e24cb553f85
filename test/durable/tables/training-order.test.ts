// The order of training rows: the same for inputs with few and with many examples, and for any order of arrival.
import { expect, it } from "vitest";
import { ExampleTable } from "../../../durable/tables/examples.ts";
import { type Target, targetText } from "../../../src/contract/targets.ts";
import type { Task } from "../../../src/contract/tasks.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { append, inObject, makeHead, type TestRow } from "../../support/objects.ts";

/** SQLite and JavaScript sort the last two in opposite orders. */
const LABELS = ["b", "a", "a!", "é", "\u{1f3fa}", "\uff5e"];
const SPLITS = ["train", "validation", "test", undefined] as const;

const labelAt = (i: number): string => LABELS[i % LABELS.length] as string;
const TARGETS: Readonly<Record<Task, (i: number) => Target>> = {
  classification: (i) => ({ label: labelAt(i) }),
  multilabel: (i) => ({ labels: [...new Set([labelAt(i), labelAt(i >> 2)])] }),
  regression: (i) => ({ value: ((i * 37) % 101) / 8 }),
};

/** Many examples of one input, among examples of other inputs. */
function rowsOf(task: Task, count: number): TestRow[] {
  return Array.from({ length: count }, (_, i) => {
    const split = SPLITS[(i >> 3) % 4];
    const row = { id: `${labelAt(i >> 1)} ${(i * 7_919) % 10_007}`, ...TARGETS[task](i) };
    return { ...row, input: i % 10 === 0 ? `other ${i}` : "same", split };
  });
}

it.each(["classification", "multilabel", "regression"] as const)(
  "the rows of an input with many examples are ordered by digest, target, split and id, with the task %s",
  async (task) => {
    const head = await makeHead(null, 4, task);
    const rows = rowsOf(task, 2_000);
    for (let at = 0; at < rows.length; at += LIMITS.rowsPerBatch)
      await append(head, rows.slice(at, at + LIMITS.rowsPerBatch));
    await inObject(head.name, ({ sql }) => {
      const parts = [...new ExampleTable(sql, task).inTrainingOrderByParts()];
      expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(500);
      const query = `SELECT seq, digest FROM examples JOIN inputs ON inputs.id = input
        LEFT JOIN labels ON labels.id = examples.label ORDER BY digest, labels.name, value, split, examples.id`;
      const bySql = sql.exec<{ seq: number; digest: string }>(query).toArray();
      const texts = new Map(parts.flat().map(({ seq, target }) => [seq, targetText(target)]));
      const textOf = ({ seq }: { seq: number }): string => texts.get(seq) as string;
      const byText = (a: { seq: number }, b: { seq: number }): number =>
        textOf(a) === textOf(b) ? 0 : textOf(a) < textOf(b) ? -1 : 1;
      const expected =
        task === "multilabel"
          ? bySql.sort((a, b) => (a.digest === b.digest ? byText(a, b) : a.digest < b.digest ? -1 : 1))
          : bySql;
      expect(parts.flat().map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));
      expect(parts.flat()[0]).not.toHaveProperty("id");
    });
  },
);
