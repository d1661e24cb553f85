// The rows of an upload, in the form that a format produces, and the pieces of a body that formats read.
import { type CheckedRow, checkExample, type RowRules } from "../../backbones/example-row.ts";
import type { RowProblem } from "../../contract/row-problem.ts";
import { turnForPredictions } from "../../core/in-flight.ts";
import { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import { piecesOf } from "../request/body.ts";

/** A value to validate, or a problem found by the format. `line`: line of the file, counted from 1, if the format has lines. */
export type RawRow = { readonly line?: number } & ({ readonly value: unknown } | { readonly problem: RowProblem });

export const checkRow = async (
  raw: RawRow,
  index: number,
  rules: RowRules,
  turns: Turns,
): Promise<CheckedRow | RowProblem> => ("problem" in raw ? raw.problem : checkExample(raw.value, index, rules, turns));

/** Turns of the event loop for an upload. */
export const uploadTurns = (): Turns => new Turns(UPLOAD_WORK.perTurn, turnForPredictions);

/** Bytes read between two turns of the event loop: half a millisecond of work. */
const PIECE_BYTES = 16_384;

/** The body of an upload in small pieces, with turns of the event loop between them. */
export async function* smallPiecesOf(
  body: ReadableStream<Uint8Array> | null,
  turns: Turns,
): AsyncGenerator<Uint8Array> {
  for await (const piece of piecesOf(body)) {
    for (let at = 0; at < piece.byteLength; at += PIECE_BYTES) {
      const small = piece.subarray(at, at + PIECE_BYTES);
      yield small;
      await turns.spend(UPLOAD_WORK.perByte * small.byteLength);
    }
  }
}
