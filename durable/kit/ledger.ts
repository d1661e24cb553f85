// The calls of any object that stores responses for repeated Idempotency-Keys.
import type { IdempotencyClaim, IdempotencyRpc } from "../../src/contract/rpc.ts";
import type { IdempotencyTable } from "./idempotency.ts";

/** A symbol, so that RPC does not offer it. */
export const LEDGER = Symbol("ledger");

/** null before the object is created: every request is then the first. */
export type Ledger = IdempotencyTable | null;

export interface KeepsLedger {
  [LEDGER](): Ledger;
}

type Of<Name extends keyof IdempotencyRpc> = (this: KeepsLedger, ...args: Parameters<IdempotencyRpc[Name]>) => unknown;

const CALLS: { readonly [Name in keyof IdempotencyRpc]: Of<Name> } = {
  async claimKey(claim: IdempotencyClaim) {
    return this[LEDGER]()?.claim(claim, Date.now()) ?? { kind: "run" };
  },
  async renewKey(claim) {
    this[LEDGER]()?.renew(claim, Date.now());
  },
  async keepAnswer(claim, fingerprint, answer) {
    this[LEDGER]()?.keep(claim, fingerprint, answer, Date.now());
  },
  async dropKey(claim) {
    this[LEDGER]()?.drop(claim);
  },
};

/** Gives `shell` these calls. Its type declares them by an interface with the same name. */
export function rememberAnswers(shell: { readonly prototype: KeepsLedger }): void {
  for (const [name, value] of Object.entries(CALLS)) Object.defineProperty(shell.prototype, name, { value });
}
