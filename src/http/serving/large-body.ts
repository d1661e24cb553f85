// Prepares a prediction whose body is large or of unknown length: looks up the head, whose kind of inputs decides the largest
// body, then waits for memory. Small predictions skip both.
import { LIMITS } from "../../core/limits.ts";
import { bytesTold } from "../request/body.ts";
import type { Call } from "../request/call.ts";
import { bytesOfFiles, withMemory } from "../request/reserve-memory.ts";
import type { Answered } from "../response/answer.ts";
import { mostBytesOf } from "./open-head.ts";

export const mayBeLarge = (request: Request): boolean => !(bytesTold(request) <= LIMITS.predictBodyBytes);

/** `work` gets the largest number of bytes that the body may have. */
export async function withLargeBody(
  call: Call<"predict">,
  work: (call: Call<"predict">, mostBytes: number) => Promise<Answered>,
): Promise<Answered> {
  const mostBytes = await mostBytesOf(call);
  return withMemory(bytesOfFiles(call.request, mostBytes, LIMITS.predictBodyBytes), () => work(call, mostBytes));
}
