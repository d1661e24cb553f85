// Decompresses the pieces of a zlib stream a little at a time.
import { unreadable } from "./unreadable.ts";

/**
 * PLATFORM: workerd inflates all that it is given before the result is read, up to 1,030 times as many bytes. So a piece of 4 KiB takes
 * 4 MiB at most.
 */
const SLICE_BYTES = 4_096;
export const MOST_INFLATED_BYTES = SLICE_BYTES * 1_032;

/** Calls `take` with the decompressed bytes, until it wants no more; then the rest of the stream is not looked at. */
export async function inflate(
  pieces: readonly Uint8Array[],
  take: (bytes: Uint8Array) => Promise<boolean>,
  broken: string,
): Promise<void> {
  const stream = new DecompressionStream("deflate");
  const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
  const feeding = feed(pieces, writer).catch(() => undefined); // the reader fails as well
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw unreadable(broken);
      });
      if (done || !(await take(value))) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
    await feeding;
  }
}

async function feed(pieces: readonly Uint8Array[], writer: WritableStreamDefaultWriter<BufferSource>): Promise<void> {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += SLICE_BYTES) await writer.write(piece.slice(at, at + SLICE_BYTES));
  await writer.close();
}
