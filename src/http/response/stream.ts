// A body that is produced on demand: the next piece is requested when the client can receive it.
import { utf8 } from "../../core/bytes.ts";
import { Turns } from "../../core/turns.ts";
import { EXPORT_WORK } from "../../core/work.ts";

export function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

/**
 * A body whose first piece is made now: a fault in it is thrown here, and gives a problem document instead of a broken stream.
 */
export async function begunStreamOf(pieces: AsyncGenerator<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  return streamOf(from(await pieces.next(), pieces));
}

async function* from(first: IteratorResult<Uint8Array>, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** The pieces of a file, with a turn of the event loop every few milliseconds. */
export const streamOfPieces = (pieces: Iterable<Uint8Array | string>): ReadableStream<Uint8Array> =>
  streamOf(bytesOfPieces(pieces));

async function* bytesOfPieces(pieces: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const turns = new Turns(EXPORT_WORK.perTurn);
  for (const piece of pieces) {
    yield typeof piece === "string" ? utf8(piece) : piece;
    await turns.spend(EXPORT_WORK.perCharacter * piece.length);
  }
}
