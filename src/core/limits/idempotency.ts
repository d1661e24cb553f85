// Limits of stored answers for repeated Idempotency-Keys, with unit and reason.

import { MIB } from "./units.ts";

export const IDEMPOTENCY_LIMITS = {
  /** A body stored to answer a repeated Idempotency-Key: a version of a thousand labels, with a million counts, fits. */
  idempotentAnswerBytes: 4 * MIB,
  /** All responses that a head, a tenant or the operator's directory stores for repeated keys; the oldest are deleted first. */
  ledgerBytes: 32 * MIB,
  /** Hours an Idempotency-Key is remembered: the contract's number. */
  idempotencyHours: 24,
  /** Seconds after which an unfinished request no longer blocks its Idempotency-Key. */
  idempotencyLeaseSeconds: 300,
  idempotencyKeyChars: 255,
} as const;
