// For calls that wait: their head may be deleted meanwhile, and its tables with it.
import { Fault } from "../../src/core/problems.ts";
import { type Turn, turnLoop } from "../../src/core/turns.ts";
import type { HeadTools } from "./calls.ts";

/** Throws where the head was deleted while the call waited. */
export function assertCurrent({ isCurrent }: Pick<HeadTools, "isCurrent">): void {
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
}

/** Gives the event loop a turn, and throws where the head was deleted in it. */
export const turnOf =
  (tools: Pick<HeadTools, "isCurrent">): Turn =>
  async () => {
    await turnLoop();
    assertCurrent(tools);
  };
