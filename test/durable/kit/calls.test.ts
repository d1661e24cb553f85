// Classes of objects that are made from tables of calls.
import { expect, it } from "vitest";
import { classOf, RUN } from "../../../durable/kit/calls.ts";
import { LEDGER, type Ledger } from "../../../durable/kit/ledger.ts";
import { type Outcome, outcomeOf } from "../../../src/core/problems.ts";

interface SumRpc {
  add(by: number): Promise<Outcome<number>>;
  reset(): Promise<Outcome<null>>;
}

interface Tools {
  readonly sum: number;
}

const ADD = { add: ({ sum }: Tools, by: number) => sum + by };
const Added = classOf<SumRpc, Tools>()(ADD);
const Both = classOf<SumRpc, Tools>()({ ...ADD, reset: () => null });
// @ts-expect-error: the contract has no such call
classOf<SumRpc, Tools>()({ ...ADD, subtract: () => 0 });

abstract class Whole extends Both implements SumRpc {}
// @ts-expect-error: `reset` is missing in the table
abstract class Lacking extends Added implements SumRpc {}
// @ts-expect-error: [RUN] is missing
class Closed extends Both {
  [LEDGER](): Ledger {
    return null;
  }
}

it("a class of objects has a method for each function of its table, which gets the tools of the object", async () => {
  const open = { [RUN]: <T>(work: (tools: Tools) => T | Promise<T>) => outcomeOf(() => work({ sum: 2 })) };
  expect(await Whole.prototype.add.call(open, 3)).toEqual({ ok: true, value: 5 });
  expect(await Whole.prototype.reset.call(open)).toEqual({ ok: true, value: null });
});

it("a table does not compile if it lacks a call of the contract or has a call that the contract lacks", () => {
  expect([Lacking, Closed].map(({ prototype }) => "reset" in prototype)).toEqual([false, true]);
});
