// Sigmoid of independent labels, and label sets as bits.

export const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/** Bytes of one row's set. */
const setBytes = (labels: number): number => Math.ceil(labels / 8);

export const isSet = (sets: Uint8Array, row: number, label: number, labels: number): boolean =>
  (((sets[row * setBytes(labels) + (label >> 3)] as number) >> (label & 7)) & 1) === 1;

/** Packs sets of label indices [rows] into bits [rows][setBytes(labels)]. */
export function packSets(rows: readonly (readonly number[])[], labels: number): Uint8Array<ArrayBuffer> {
  const bytes = setBytes(labels);
  const sets = new Uint8Array(rows.length * bytes);
  rows.forEach((indices, r) => {
    for (const k of indices) sets[r * bytes + (k >> 3)] = (sets[r * bytes + (k >> 3)] as number) | (1 << (k & 7));
  });
  return sets;
}
