// The base class of every object: it stores responses for repeated Idempotency-Keys.
import { DurableObject } from "cloudflare:workers";
import type {
  IdempotencyClaim,
  IdempotencyRpc,
  IdempotencyVerdict,
  StoredAnswer,
} from "../../src/contract/idempotency-rpc.ts";
import type { Bindings } from "../../src/env.ts";
import type { IdempotencyTable } from "./idempotency.ts";

/** A symbol, so that RPC does not offer it. */
export const LEDGER = Symbol("ledger");

/** null before the object is created: every request is then the first. */
export type Ledger = IdempotencyTable | null;

export abstract class LedgerObject extends DurableObject<Bindings> implements IdempotencyRpc {
  abstract [LEDGER](): Ledger;

  async claimKey(claim: IdempotencyClaim): Promise<IdempotencyVerdict> {
    return this[LEDGER]()?.claim(claim, Date.now()) ?? { kind: "run" };
  }

  async renewKey(claim: IdempotencyClaim): Promise<void> {
    this[LEDGER]()?.renew(claim, Date.now());
  }

  async keepAnswer(claim: IdempotencyClaim, fingerprint: string, answer: StoredAnswer): Promise<void> {
    this[LEDGER]()?.keep(claim, fingerprint, answer, Date.now());
  }

  async dropKey(claim: IdempotencyClaim): Promise<void> {
    this[LEDGER]()?.drop(claim);
  }
}
