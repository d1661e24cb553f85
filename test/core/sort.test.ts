// Sorting in steps: the result of Array.sort, with a bounded number of comparisons between two steps.
import { expect, it } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { compareUtf8, sortInSteps } from "../../src/core/sort.ts";

interface Item {
  readonly key: number;
  readonly at: number;
}

/** Pseudorandom keys, many of them equal. */
const items = (count: number): Item[] => Array.from({ length: count }, (_, at) => ({ key: (at * 7_919) % 1_003, at }));

it.each([0, 1, 499, 500, 501, 1_000, 12_345])(
  "sorting in steps gives the order of Array.sort for %i items, and keeps the order of equal items",
  (count) => {
    const sorting = sortInSteps(items(count), (a, b) => a.key - b.key);
    let step = sorting.next();
    while (!step.done) step = sorting.next();
    expect(step.value).toEqual(items(count).sort((a, b) => a.key - b.key));
  },
);

it("sorting in steps makes a bounded number of comparisons between two steps, however many items there are", () => {
  let compared = 0;
  const most = [2_000, 50_000].map((count) => {
    let longest = 0;
    const compare = (a: Item, b: Item): number => {
      compared++;
      return a.key - b.key;
    };
    for (const _ of sortInSteps(items(count), compare)) {
      longest = Math.max(longest, compared);
      compared = 0;
    }
    return longest;
  });
  expect(Math.max(...most)).toBeLessThan(10_000);
});

it("texts are compared by their UTF-8 bytes", () => {
  const texts = [
    "",
    "a",
    "ab",
    "b",
    "é",
    "\u{10ffff}",
    "\u{10000}",
    "\ue000",
    "\uffff",
    "\ud7ff",
    "a\u{1f3fa}",
    "a\uff5e",
  ];
  const byBytes = (a: string, b: string): number => {
    const [x, y] = [utf8(a), utf8(b)];
    const i = x.findIndex((byte, at) => byte !== y[at]);
    return i < 0 ? x.length - y.length : (x[i] as number) - (y[i] ?? -1);
  };
  for (const a of texts) for (const b of texts) expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(byBytes(a, b)));
});
