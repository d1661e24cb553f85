// Inputs that lose their last example: a few are deleted at once, many are deleted soon after, and an input that gets an
// example again in the meantime is kept.
import { expect, it } from "vitest";
import { deleteExamples } from "../../../../durable/head/examples/change-examples.ts";
import { forgetNotedInputs } from "../../../../durable/head/examples/unused-inputs.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { Interrupted, type Interruption, type Turn, Turns, turnLoop } from "../../../../src/core/turns.ts";
import { append, digestOfInput, inObject, makeHead, type TestHead } from "../../../support/objects.ts";

const MANY = 100;
const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `x${from + i}`);
const rows = (count: number) => ids(count).map((id) => ({ id, label: "l" }));

const withStore = (head: TestHead, work: (store: HeadStore) => void | Promise<void>): Promise<void> =>
  inObject(head.name, (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was made");
    return work(store);
  });
const stored = ({ features }: HeadStore, from: readonly string[]): string[] =>
  from.filter((id) => features.idsOf([digestOfInput(id)]).size > 0);
const hasAlarm = ({ alarms }: HeadStore): boolean => alarms.due(Date.now() + 60_000).includes("unused_inputs");
const removals = ({ meta }: HeadStore): number => meta.get("removals")?.count ?? 0;
const tools = (turn: Turn, stop?: () => Interruption) => ({
  now: Date.now(),
  bucket: null,
  turns: new Turns(1, turn, stop),
});

it("the inputs of a few deleted examples are deleted in the same transaction", async () => {
  const head = await makeHead();
  await append(head, rows(MANY));
  await withStore(head, (store) => {
    expect(deleteExamples(store, [...ids(10), "never"], Date.now())).toBe(10);
    expect(stored(store, ids(MANY))).toEqual(ids(MANY - 10, 10));
    expect(hasAlarm(store)).toBe(false);
    expect(removals(store)).toBe(10);
  });
});

it("the inputs of many deleted examples are deleted in parts, and the alarm stays set until the last is gone", async () => {
  const head = await makeHead();
  await append(head, rows(MANY));
  await withStore(head, async (store) => {
    expect(deleteExamples(store, ids(MANY - 10), Date.now())).toBe(MANY - 10);
    expect(store.examples.count()).toBe(10);
    expect([stored(store, ids(MANY)).length, hasAlarm(store)]).toEqual([MANY, true]);
    let turns = 0;
    const turn = async (): Promise<void> => {
      turns++;
      expect(hasAlarm(store)).toBe(true);
    };
    await forgetNotedInputs(store, tools(turn));
    expect(stored(store, ids(MANY))).toEqual(ids(10, MANY - 10));
    expect(turns).toBeGreaterThan(3);
    expect(hasAlarm(store)).toBe(false);
    expect(removals(store)).toBe(MANY - 10);
  });
});

it("the deletion of inputs stops if the head is deleted in the meantime, and later continues where it stopped", async () => {
  const head = await makeHead();
  await append(head, rows(MANY));
  await withStore(head, async (store) => {
    deleteExamples(store, ids(MANY), Date.now());
    const deleted = tools(turnLoop, () => "head_deleted");
    await expect(forgetNotedInputs(store, deleted)).rejects.toThrow(Interrupted);
    const left = stored(store, ids(MANY)).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(MANY);
    expect(hasAlarm(store)).toBe(true);
    await forgetNotedInputs(store, tools(turnLoop));
    expect(stored(store, ids(MANY))).toEqual([]);
  });
});

it("an input is kept if its example is added again before the input is deleted", async () => {
  const head = await makeHead();
  await append(head, rows(MANY));
  await withStore(head, (store) => void deleteExamples(store, ids(MANY), Date.now()));
  expect(await append(head, rows(5))).toMatchObject({ added: 5 });
  await withStore(head, async (store) => {
    await forgetNotedInputs(store, tools(turnLoop));
    expect(stored(store, ids(MANY))).toEqual(ids(5));
  });
});
