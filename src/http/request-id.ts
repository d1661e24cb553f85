// A name for every request: in its answer, its problems and the operator's log.
import { makeId, type RandomBytes } from "../core/ids.ts";

const POOL_BYTES = 4_096;
let pool = new Uint8Array(0);
let at = 0;

/** Drawn by the page, since asking for twenty bytes at a time takes longer than all else about an id. For names, not secrets. */
const pooledRandom: RandomBytes = (length) => {
  if (at + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    at = 0;
  }
  at += length;
  return pool.subarray(at - length, at);
};

export const newRequestId = (): string => makeId("req", pooledRandom);

/** The field that tells it. */
export const nameField = (requestId: string): Record<string, string> => ({ "X-Request-Id": requestId });
