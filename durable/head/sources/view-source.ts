// The view of a source for the API.
import type { SourceView } from "../../../src/contract/sources.ts";
import { timestamp } from "../../../src/core/clock.ts";
import { validSecrets } from "../../../src/webhooks/secrets.ts";
import type { SourceRow } from "../../tables/sources.ts";
import { inboxOf, sourceOrFault } from "../inbox.ts";
import type { HeadStore } from "../store.ts";

export const showSource = (store: HeadStore, id: string, now: number): SourceView =>
  viewOfSource(sourceOrFault(inboxOf(store), id), now);

export function viewOfSource(
  { id, settings, secrets, failures, lastFailure, createdAt }: SourceRow,
  now: number,
): SourceView {
  return {
    id,
    url: `/v1/hooks/${id}`,
    ...settings,
    token: settings.token ?? null,
    from_name: settings.from_name ?? null,
    secrets: validSecrets(secrets, now).map((secret) => ({
      created_at: timestamp(secret.createdAt),
      expires_at: secret.expiresAt === null ? null : timestamp(secret.expiresAt),
    })),
    failures_in_a_row: failures,
    last_failure: lastFailure && { ...lastFailure, at: timestamp(lastFailure.at) },
    created_at: timestamp(createdAt),
  };
}
