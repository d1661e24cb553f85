// Secrets of a source: generates, checks and rotates them, with an overlap.
import type { SchemeName } from "../contract/sources.ts";
import { LIMITS } from "../core/limits.ts";
import { findScheme } from "./schemes/registry.ts";

export interface SourceSecret {
  readonly secret: string;
  readonly createdAt: number;
  /** null: it does not expire. */
  readonly expiresAt: number | null;
}

/** The problem with a secret, in words; null if the scheme accepts it, or does not exist. */
export function problemWithSecret(scheme: SchemeName, secret: string): string | null {
  const key = findScheme(scheme)?.keyOf(secret);
  return typeof key === "string" ? key : null;
}

/** Whether only the sender can generate the secret, because only the sender has the private key. */
export const isPublicKey = (secret: string): boolean => secret.startsWith("whpk_");

export const validSecrets = (secrets: readonly SourceSecret[], now: number): SourceSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);

/** The secrets after a rotation: first the new one, then the previous one until the overlap ends. */
export function rotated(
  secrets: readonly SourceSecret[],
  secret: string,
  overlapMs: number,
  now: number,
): SourceSecret[] {
  const before = validSecrets(secrets, now).map((one) => ({
    ...one,
    expiresAt: Math.min(one.expiresAt ?? Infinity, now + overlapMs),
  }));
  const kept = [{ secret, createdAt: now, expiresAt: null }, ...before].slice(0, LIMITS.secretsPerSource);
  return validSecrets(kept, now);
}
