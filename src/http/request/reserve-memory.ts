// Reserves memory for large bodies before they are read, from the budget that trainings share. Small ones reserve nothing.
import { LIMITS } from "../../core/limits.ts";
import { isolateMemory, type Reservation, reserveWithin } from "../../core/memory-budget.ts";
import { Fault } from "../../core/problems.ts";
import { bytesTold } from "./body.ts";

/**
 * Bytes per byte of text: a row of fifty characters becomes a vector of a thousand numbers, which exists twice while it is
 * passed on.
 */
const BYTES_OF_A_BYTE = 64;
/** Copies of a body that is held whole, as text and parsed. */
const COPIES_OF_WHOLE = 2;
/**
 * Most copies of a file as JSON while it is read: the bytes of its line, the line as text and the parsed text; or the parsed
 * text, the decoded file and the message to the head.
 */
const COPIES_OF_FILE = 3;
/** Copies of a body that is held whole and has files in base64. */
const COPIES_OF_FILES = 3;
/** Bytes for a body of unknown length that is held whole. */
const UNTOLD_WHOLE_BYTES = 2 * LIMITS.requestMemoryBytes;
const TOUCH_MS = 20_000;

/**
 * Bytes that an upload takes: some batches of rows, the whole body if it is held whole, and one file. A stream reserves more for
 * a long file when it arrives (`RowMemory`). `mostFileBytes`: the largest file as JSON.
 */
export function bytesOfUpload(request: Request, isWhole: boolean, mostFileBytes = 0): number {
  const told = bytesTold(request);
  const most = isWhole ? mostFileBytes : Math.min(mostFileBytes, LIMITS.streamedFileBytes);
  const file = Number.isNaN(told) ? most : Math.min(told, most);
  const batches = Number.isNaN(told)
    ? LIMITS.requestMemoryBytes
    : Math.min(LIMITS.requestMemoryBytes, BYTES_OF_A_BYTE * told);
  return batches + COPIES_OF_FILE * file + (isWhole ? COPIES_OF_WHOLE * bytesOfWhole(told, LIMITS.jsonBodyBytes) : 0);
}

/**
 * Bytes of a body that is held whole, if its inputs may be files: the body, the decoded files, and the text of the file that
 * is being decoded. Bodies up to `unreserved` bytes reserve nothing. `mostBytes`: the largest body that the route accepts.
 */
export function bytesOfFiles(request: Request, mostBytes: number, unreserved: number): number {
  const told = bytesTold(request);
  if (mostBytes <= unreserved || told <= unreserved) return 0;
  return COPIES_OF_FILES * bytesOfWhole(told, mostBytes);
}

const bytesOfWhole = (told: number, mostBytes: number): number =>
  Number.isNaN(told) ? UNTOLD_WHOLE_BYTES : Math.min(told, mostBytes);

/** Reserves memory for the long rows of a stream, one at a time. */
export interface RowMemory {
  /** Waits for the memory of a row of this many bytes as JSON. Call it for a row above `LIMITS.streamedFileBytes`. */
  hold(rowBytes: number): Promise<void>;
  /** Gives back what the row took beyond the reservation of the whole request. */
  letGo(): void;
}

/** Runs `work` with this many bytes reserved. Responds 503 if others hold them for too long. */
export async function withMemory<T>(bytes: number, work: (memory: RowMemory) => Promise<T>): Promise<T> {
  const memory = new RequestMemory(bytes);
  if (bytes <= LIMITS.unreservedBytes) return work(memory);
  await memory.reserve(bytes);
  const timer = setInterval(() => memory.touch(), TOUCH_MS);
  try {
    return await work(memory);
  } finally {
    clearInterval(timer);
    memory.release();
  }
}

class RequestMemory implements RowMemory {
  readonly #least: number;
  #bytes = 0;
  #reservation: Reservation | null = null;

  constructor(least: number) {
    this.#least = least;
  }

  async hold(rowBytes: number): Promise<void> {
    const bytes = Math.min(isolateMemory.capacity, LIMITS.requestMemoryBytes + COPIES_OF_FILE * rowBytes);
    if (bytes <= this.#bytes) return;
    this.release(); // two requests that keep their memory while they wait for more could wait for each other
    await this.reserve(bytes);
  }

  letGo(): void {
    if (this.#bytes <= this.#least) return;
    this.#reservation?.shrink(this.#bytes - this.#least);
    this.#bytes = this.#least;
  }

  async reserve(bytes: number): Promise<void> {
    this.#reservation = await reserved(bytes);
    this.#bytes = bytes;
  }

  touch(): void {
    this.#reservation?.touch();
  }

  release(): void {
    this.#reservation?.release();
    this.#reservation = null;
    this.#bytes = 0;
  }
}

async function reserved(bytes: number): Promise<Reservation> {
  const asked = { key: `request/${crypto.randomUUID()}`, bytes, patient: false };
  const wait = (ms: number): Promise<void> => scheduler.wait(ms);
  const withinMs = isolateMemory.waiting < LIMITS.memoryQueue ? LIMITS.memoryWaitMs : 0;
  const reservation = await reserveWithin(isolateMemory, asked, { now: Date.now, wait }, withinMs);
  if (reservation) return reservation;
  isolateMemory.leave(asked.key);
  const retryAfterSeconds = LIMITS.memoryRetrySeconds;
  const detail = `Trainings and other requests use all memory at the moment; try again in ${retryAfterSeconds} s, or send less per request`;
  throw new Fault("overloaded", detail, { retryAfterSeconds });
}
