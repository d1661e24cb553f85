// Counts the work of mapping one delivery. Mapping cannot be interrupted, and both sender and rules decide how long it takes:
// many conditions on long arrays, many places in many items, much HTML. A delivery that would take too long is unmappable.
import { Fault } from "../core/problems.ts";
import { HOOK_WORK } from "../core/work.ts";

const TOO_MUCH =
  "The rules read too much of this delivery: send fewer items or shorter texts at once, or use fewer conditions and pointers, and strip_html only where it is needed";

export class MappingWork {
  #left: number;

  constructor(most: number = HOOK_WORK.perMapping) {
    this.#left = most;
  }

  /** Counts work, in the unit of HOOK_WORK. Throws a fault when it exceeds the bound. */
  spend(work: number): void {
    this.#left -= work;
    if (this.#left < 0) throw new Fault("unmappable", TOO_MUCH);
  }
}
