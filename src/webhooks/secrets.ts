// Secrets of a source: made, checked, and rotated with an overlap.
import type { SchemeName } from "../contract/sources.ts";
import { LIMITS } from "../core/limits.ts";
import { SCHEME_BY_NAME } from "./schemes/registry.ts";

export interface SourceSecret {
  readonly secret: string;
  readonly createdAt: number;
  /** null: it does not run out. */
  readonly expiresAt: number | null;
}

/** In words what is wrong with a secret; null when it fits the scheme. */
export function problemWithSecret(scheme: SchemeName, secret: string): string | null {
  const key = SCHEME_BY_NAME[scheme].keyOf(secret);
  return typeof key === "string" ? key : null;
}

/** Whether the secret is the sender's to make: it alone has the other half. */
export const isPublicKey = (secret: string): boolean => secret.startsWith("whpk_");

export const validSecrets = (secrets: readonly SourceSecret[], now: number): SourceSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);

/** The secrets after a rotation: the new one first, the one before it until the overlap has passed, no older ones. */
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
