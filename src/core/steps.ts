// Long loops in steps: generators that yield after every few milliseconds of work, so that their caller can let other requests
// run in between.

/** Work that yields between two steps, and returns its result. */
export type Steps<Result> = Generator<void, Result>;

/** Items per step, if an item takes some tenths of a microsecond. */
const ITEMS_A_STEP = 10_000;

/** Calls `visit` for each item, in order. */
export function* eachInSteps<Item>(items: ArrayLike<Item>, visit: (item: Item, index: number) => void): Steps<void> {
  for (let at = 0; at < items.length; at++) {
    visit(items[at] as Item, at);
    if (at % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
  }
}

export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
