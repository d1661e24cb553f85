// The failure of a backbone that is away: its weights or its service cannot be reached now, or it is not registered.
import { Fault } from "../core/problems.ts";

/** Thrown by `embed`. A prediction answers with this fault. An upload stores its inputs, and the head embeds them later. */
export class BackboneAway extends Fault {
  /** `retryAfterSeconds`: when it may be back, if that is known. */
  constructor(reason: string, retryAfterSeconds?: number) {
    super("backbone_unavailable", reason, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}
