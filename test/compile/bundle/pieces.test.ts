// Pieces: at most 8 MiB each, and only what is larger than a piece crosses the end of one.
import { expect, it } from "vitest";
import { layOut } from "../../../src/compile/bundle/pieces.ts";
import type { LoweredOperation } from "../../../src/compile/lower/lower.ts";
import { floats } from "../../../src/compile/tensor.ts";

const LIMIT = 8 * 2 ** 20;

const table = (name: string, rows: number): LoweredOperation => ({
  op: "embed",
  name,
  inputs: ["ids"],
  output: name,
  attributes: { firstPosition: 0 },
  weights: { table: floats([rows, 32]) },
});

const bytesOfRows = (rows: number): number => rows * 32 * 4;

it("starts a piece for what does not fit into the rest of one, and continues a larger table in the next", () => {
  const rows = [LIMIT / 128 - 4, 8, LIMIT / 64 + 2, 6];
  const { weights, pieces } = layOut(
    rows.map((count, at) => table(`t${at}`, count)),
    { products: "f32", tables: "f32" },
  );
  const offsets = Object.values(weights).map(({ offset }) => offset);
  const first = bytesOfRows(rows[0] ?? 0);
  expect(offsets).toEqual([0, first, first + bytesOfRows(8), first + bytesOfRows(8) + bytesOfRows(rows[2] ?? 0)]);
  expect(pieces.map(({ byteLength }) => byteLength)).toEqual([first, LIMIT, LIMIT, bytesOfRows(8 + 2 + 6)]);
});
