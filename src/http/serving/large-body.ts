// A prediction whose body is large, or of unknown length: it first asks for the head, because the kind of its inputs decides the
// largest body, and then waits for memory. Others do not wait.
import { LIMITS } from "../../core/limits.ts";
import { bytesTold } from "../request/body.ts";
import type { Call } from "../request/call.ts";
import { bytesOfPrediction, withMemory } from "../request/reserve-memory.ts";
import type { Answered } from "../response/answer.ts";
import { mostBytesOf } from "./open-head.ts";

export const mayBeLarge = (request: Request): boolean => !(bytesTold(request) <= LIMITS.predictBodyBytes);

/** `work` gets the most bytes of the body. */
export async function withLargeBody(
  call: Call<"predict">,
  work: (call: Call<"predict">, mostBytes: number) => Promise<Answered>,
): Promise<Answered> {
  const mostBytes = await mostBytesOf(call);
  return withMemory(bytesOfPrediction(call.request, mostBytes), () => work(call, mostBytes));
}
