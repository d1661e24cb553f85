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
/** Copies of a file while it is decoded: the bytes of its line, the line as text, the parsed text, its characters and its bytes. */
const COPIES_OF_FILE = 5;
/** Copies of a body that is held whole and has files in base64. */
const COPIES_OF_FILES = 3;
/** Bytes for a body of unknown length that is held whole. */
const UNTOLD_WHOLE_BYTES = 2 * LIMITS.requestMemoryBytes;
const TOUCH_MS = 20_000;

/**
 * Bytes that an upload takes: some batches of rows, one file while it is decoded, and the whole body if it is held whole.
 * `mostFileBytes`: of one file as JSON.
 */
export function bytesOfUpload(request: Request, isWhole: boolean, mostFileBytes = 0): number {
  const told = bytesTold(request);
  const file = Number.isNaN(told) ? mostFileBytes : Math.min(told, mostFileBytes);
  const batches = Number.isNaN(told)
    ? LIMITS.requestMemoryBytes
    : Math.min(LIMITS.requestMemoryBytes, BYTES_OF_A_BYTE * told);
  return batches + COPIES_OF_FILE * file + (isWhole ? COPIES_OF_WHOLE * bytesOfWhole(told, LIMITS.jsonBodyBytes) : 0);
}

/**
 * Bytes that a prediction reserves if its inputs may be files: the body, the decoded files, and the text of the file that is
 * being decoded. Predictions of vectors and texts, whose bodies are at most `LIMITS.predictBodyBytes`, reserve nothing.
 * `mostBytes`: the largest body that the route accepts.
 */
export function bytesOfPrediction(request: Request, mostBytes: number): number {
  if (mostBytes <= LIMITS.predictBodyBytes) return 0;
  return COPIES_OF_FILES * bytesOfWhole(bytesTold(request), mostBytes);
}

const bytesOfWhole = (told: number, mostBytes: number): number =>
  Number.isNaN(told) ? UNTOLD_WHOLE_BYTES : Math.min(told, mostBytes);

/** Runs `work` with this many bytes reserved. Responds 503 if others hold them for too long. */
export async function withMemory<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  if (bytes <= LIMITS.unreservedBytes) return work();
  const reservation = await reserved(bytes);
  const timer = setInterval(() => reservation.touch(), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    reservation.release();
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
