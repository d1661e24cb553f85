// The blocks of a job's snapshot: the rows that each block will hold, and where the features of these rows are stored.
import { LIMITS } from "../../../src/core/limits.ts";
import type { Steps } from "../../../src/core/steps.ts";
import type { RowPart } from "../../../src/engine/data/blocks.ts";
import type { Folds } from "../../../src/engine/data/folds.ts";
import type { TrainingRow } from "../../tables/training-order.ts";

export interface TargetBlock {
  readonly part: RowPart;
  readonly number: number;
  readonly rows: readonly TrainingRow[];
}

export function targetsOf(rows: readonly TrainingRow[], { parts, folds }: Folds, size: number): TargetBlock[] {
  const byPart = new Map<RowPart, TrainingRow[]>(
    [...Array.from({ length: folds }, (_, f) => f), "test" as const].map((part) => [part, []]),
  );
  rows.forEach((row, i) => {
    byPart.get(parts[i] as RowPart)?.push(row);
  });
  return [...byPart].flatMap(([part, own]) =>
    Array.from({ length: Math.ceil(own.length / size) }, (_, number) => ({
      part,
      number,
      rows: own.slice(number * size, (number + 1) * size),
    })),
  );
}

export const rowsIn = (group: readonly TargetBlock[]): number => group.reduce((sum, { rows }) => sum + rows.length, 0);

/** Splits the blocks into groups whose features fit `LIMITS.gatheredBytes`. */
export function groupsOf(targets: readonly TargetBlock[], bytesOfRow: number): TargetBlock[][] {
  const largest = targets.reduce((most, { rows }) => Math.max(most, rows.length), 1);
  const size = Math.max(1, Math.floor(LIMITS.gatheredBytes / (bytesOfRow * largest)));
  return Array.from({ length: Math.ceil(targets.length / size) }, (_, at) => targets.slice(at * size, (at + 1) * size));
}

interface PlaceOfRow {
  readonly slot: number;
  readonly target: number;
  readonly row: number;
}

/** The places of all rows by the stored block of their features. */
export function* placesByBlock(targets: readonly TargetBlock[]): Steps<Map<number, PlaceOfRow[]>> {
  const wanted = new Map<number, PlaceOfRow[]>();
  for (const [target, { rows }] of targets.entries()) {
    for (const [row, { block, slot }] of rows.entries()) {
      const places = wanted.get(block) ?? [];
      places.push({ slot, target, row });
      wanted.set(block, places);
    }
    yield;
  }
  return wanted;
}
