// Rows of one upload that give the same input different labels. Remembers every different input by 48 bits of its digest, at 32
// bytes each, so that an upload of any length is looked through in bounded memory.
import type { Conflict } from "../../contract/examples.ts";
import type { NewExample } from "../../contract/rpc.ts";
import { labelsIn, type Target, targetText } from "../../contract/targets.ts";
import { LIMITS } from "../../core/limits.ts";

/** Hex digits of a digest that a double holds exactly. */
const KEY_DIGITS = 12;
const FIRST_SLOTS = 16;
/** No row of an upload has this target: 0 marks an empty slot. */
const EMPTY = 0;

export class Conflicts {
  #keys = new Float64Array(FIRST_SLOTS);
  /** The number of the target that the input was given last, from 1 on. */
  #targets = new Uint32Array(FIRST_SLOTS);
  #rows = new Uint32Array(FIRST_SLOTS);
  #inputs = 0;
  readonly #numbers = new Map<string, number>();
  readonly #known: Target[] = [];
  #knownChars = 0;
  readonly #listed: Conflict[] = [];
  #total = 0;

  /** The first ones, in the order of the upload. */
  get listed(): readonly Conflict[] {
    return this.#listed;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes a row that was accepted. Values of a regression do not conflict: one input may be measured twice. */
  note({ id, index, digest, target }: NewExample, line: number | undefined): void {
    const number = "value" in target ? null : this.#numberOf(target);
    if (number === null) return;
    const slot = this.#slotOf(Number.parseInt(digest.slice(0, KEY_DIGITS), 16));
    if (slot === null) return;
    const [before, row] = [this.#targets[slot] as number, this.#rows[slot] as number];
    if (before !== EMPTY && before !== number) {
      const earlier = { index: row, ...(this.#known[before - 1] as Target) };
      this.#list({ index, ...(line === undefined ? {} : { line }), id, ...target, earlier } as Conflict);
    }
    this.#targets[slot] = number;
    this.#rows[slot] = index;
  }

  #list(conflict: Conflict): void {
    this.#total++;
    if (this.#listed.length < LIMITS.conflictsListed) this.#listed.push(conflict);
  }

  /** null: too many different targets to remember one more. */
  #numberOf(target: Target): number | null {
    const text = "label" in target ? target.label : targetText(target); // an upload has targets of one kind
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const chars = labelsIn(target).reduce((sum, { length }) => sum + length, text.length);
    if (this.#knownChars + chars > LIMITS.conflictTargetChars) return null;
    this.#knownChars += chars;
    this.#known.push(target);
    this.#numbers.set(text, this.#known.length);
    return this.#known.length;
  }

  /** Where the input is, or is to be; null where there is no room for one more. */
  #slotOf(key: number): number | null {
    const found = probe(this.#keys, this.#targets, key);
    if (this.#targets[found] !== EMPTY) return found;
    if (this.#inputs >= LIMITS.conflictInputs) return null;
    if (2 * ++this.#inputs > this.#keys.length) this.#grow();
    const slot = probe(this.#keys, this.#targets, key);
    this.#keys[slot] = key;
    return slot;
  }

  #grow(): void {
    const [keys, targets, rows] = [this.#keys, this.#targets, this.#rows];
    const slots = 2 * keys.length;
    this.#keys = new Float64Array(slots);
    this.#targets = new Uint32Array(slots);
    this.#rows = new Uint32Array(slots);
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] as number;
      if (target === EMPTY) continue;
      const slot = probe(this.#keys, this.#targets, keys[i] as number);
      this.#keys[slot] = keys[i] as number;
      this.#targets[slot] = target;
      this.#rows[slot] = rows[i] as number;
    }
  }
}

/** The slot of `key`, or the empty one where it would be: linear probing, with as many slots as a power of two. */
function probe(keys: Float64Array, targets: Uint32Array, key: number): number {
  const mask = keys.length - 1;
  let slot = key % keys.length;
  while (targets[slot] !== EMPTY && keys[slot] !== key) slot = (slot + 1) & mask;
  return slot;
}
