// Sorts long lists in short steps, so that other work can run between two steps.

/** Items that one step sorts or merges, in about a millisecond. */
const ITEMS_A_STEP = 500;

type Compare<Item> = (a: Item, b: Item) => number;

/** A sorted copy; equal items keep their order. Yields after each step. */
export function* sortInSteps<Item>(items: readonly Item[], compare: Compare<Item>): Generator<void, readonly Item[]> {
  let sorted: Item[] = [];
  for (let at = 0; at < items.length; at += ITEMS_A_STEP) {
    for (const item of items.slice(at, at + ITEMS_A_STEP).sort(compare)) sorted.push(item);
    yield;
  }
  for (let run = ITEMS_A_STEP; run < items.length; run *= 2) sorted = yield* mergeRuns(sorted, run, compare);
  return sorted;
}

/** Merges each pair of adjacent sorted runs of `run` items. */
function* mergeRuns<Item>(items: readonly Item[], run: number, compare: Compare<Item>): Generator<void, Item[]> {
  const merged: Item[] = [];
  for (let start = 0; start < items.length; start += 2 * run) {
    const [middle, end] = [start + run, start + 2 * run].map((at) => Math.min(at, items.length)) as [number, number];
    let [left, right] = [start, middle];
    while (left < middle || right < end) {
      const isLeft = right === end || (left < middle && compare(items[left] as Item, items[right] as Item) <= 0);
      merged.push(items[isLeft ? left++ : right++] as Item);
      if (merged.length % ITEMS_A_STEP === 0) yield;
    }
  }
  return merged;
}

/** Compares by UTF-8 bytes, as SQLite does. JavaScript compares code units, where surrogates come before U+E000. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

/** Sort key of a code unit: surrogates come after all others. */
const rankOfUnit = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
