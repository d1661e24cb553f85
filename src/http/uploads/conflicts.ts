// Finds rows of one upload that give the same input different labels. Stores each distinct input as 48 bits of its digest, at
// 32 bytes each, so that an upload of any length is checked in bounded memory.
import type { NewExample } from "../../contract/example-rpc.ts";
import { labelsIn, type Target, targetText } from "../../contract/targets.ts";
import type { Conflict } from "../../contract/upload-result.ts";
import { LIMITS } from "../../core/limits.ts";

/** Hex digits of a digest that a double represents exactly. */
const KEY_DIGITS = 12;
const FIRST_SLOTS = 16;
/** Marks an empty slot. Targets are numbered from 1. */
const EMPTY = 0;

export class Conflicts {
  #keys = new Float64Array(FIRST_SLOTS);
  /** Number of the input's last target, counted from 1. */
  #targets = new Uint32Array(FIRST_SLOTS);
  #rows = new Uint32Array(FIRST_SLOTS);
  #inputs = 0;
  readonly #numbers = new Map<string, number>();
  readonly #known: Target[] = [];
  #knownChars = 0;
  readonly #listed: Conflict[] = [];
  #total = 0;

  /** The first conflicts, in the order of the upload. */
  get listed(): readonly Conflict[] {
    return this.#listed;
  }

  get total(): number {
    return this.#total;
  }

  /** Records an accepted row. Values of a regression do not conflict, because one input may be measured twice. */
  note({ id, index, digest, target }: NewExample, line: number | undefined): void {
    const number = "value" in target ? null : this.#numberOf(target);
    if (number === null) return;
    const slot = this.#slotOf(Number.parseInt(digest.slice(0, KEY_DIGITS), 16));
    if (slot === null) return;
    const [before, row] = [this.#targets[slot] as number, this.#rows[slot] as number];
    if (before !== EMPTY && before !== number) {
      const earlier = { index: row, ...(this.#known[before - 1] as Target) };
      this.#list({ index, line, id, ...target, earlier } as Conflict);
    }
    this.#targets[slot] = number;
    this.#rows[slot] = index;
  }

  #list(conflict: Conflict): void {
    this.#total++;
    if (this.#listed.length < LIMITS.conflictsListed) this.#listed.push(conflict);
  }

  /** null if there is no memory for another distinct target. */
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

  /** The slot of an input, old or new; null if there is no room for another one. */
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

/** The slot of `key`, or the empty slot for it: linear probing over a power of two of slots. */
function probe(keys: Float64Array, targets: Uint32Array, key: number): number {
  const mask = keys.length - 1;
  let slot = key % keys.length;
  while (targets[slot] !== EMPTY && keys[slot] !== key) slot = (slot + 1) & mask;
  return slot;
}
