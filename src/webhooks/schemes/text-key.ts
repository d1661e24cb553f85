// The key of senders that use the whole text of the secret, including its prefix.
import { utf8 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { VerificationKey } from "./scheme.ts";

export function textKeyOf(secret: string): VerificationKey | string {
  if (secret.length >= LIMITS.webhookSecretCharsMin) return { kind: "hmac", bytes: utf8(secret) };
  return `must have at least ${LIMITS.webhookSecretCharsMin} characters`;
}
