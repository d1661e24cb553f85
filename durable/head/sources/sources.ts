// Creates, changes and rotates the sources of a head.
import type { CreatedSource, NewSource, Rotation, SourcePatch, SourceView } from "../../../src/contract/sources.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault, type FieldError } from "../../../src/core/problems.ts";
import { systemRandom } from "../../../src/core/random.ts";
import { makeWebhookSecret } from "../../../src/core/standard-webhooks.ts";
import { isPublicKey, problemWithSecret, rotated } from "../../../src/webhooks/secrets.ts";
import {
  patchedSettings,
  problemsWithSettings,
  type SourceSettings,
  settingsOf,
} from "../../../src/webhooks/source.ts";
import { inboxOf, type MappedHead, mappedHeadOf, sourceOrFault } from "../inbox.ts";
import type { HeadStore } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { showSource } from "./view-source.ts";

export async function createSource(
  store: HeadStore,
  id: string,
  source: NewSource,
  now: number,
): Promise<CreatedSource> {
  const settings = settingsOf(source);
  const secret = source.secret ?? makeWebhookSecret(systemRandom);
  refuse([...problemsWithSettings(settings, await mappedHeadOf(store)), ...secretErrors(source.scheme, secret)]);
  const { sources } = inboxOf(store);
  if (sources.count() >= LIMITS.sourcesPerHead) {
    const detail = `The head has ${LIMITS.sourcesPerHead} sources, which is the most; delete one first`;
    throw new Fault("quota_exceeded", detail);
  }
  sources.add({ id, settings, secrets: [{ secret, createdAt: now, expiresAt: null }], createdAt: now });
  return { ...showSource(store, id, now), secret };
}

/**
 * Changes the settings for later deliveries. Examples of earlier deliveries stay. `redact` first drops the stored payloads, some
 * at a time. If the runtime is killed in between, the settings do not change and the caller gets no answer.
 */
export async function updateSource(
  { store, now, turns }: HeadTools,
  id: string,
  patch: SourcePatch,
): Promise<SourceView> {
  const { sources, deliveries } = inboxOf(store);
  const mappedHead = await mappedHeadOf(store);
  if (patched(store, id, patch, mappedHead).redact) await turns.run(deliveries.redactInTurns(id));
  store.storage.transactionSync(() => {
    const settings = patched(store, id, patch, mappedHead); // again, because another call may have changed them
    sources.putSettings(id, settings);
    if (settings.redact) for (const _ of deliveries.redactInTurns(id)); // payloads of deliveries that arrived in the meantime
  });
  return showSource(store, id, now());
}

/** The settings of a source after `patch`. Throws a fault if they are invalid. */
export function patched(store: HeadStore, id: string, patch: SourcePatch, mappedHead: MappedHead): SourceSettings {
  const settings = patchedSettings(sourceOrFault(inboxOf(store), id).settings, patch);
  refuse(problemsWithSettings(settings, mappedHead));
  return settings;
}

export function rotateSource(store: HeadStore, id: string, rotation: Rotation, now: number): CreatedSource {
  const inbox = inboxOf(store);
  const { settings, secrets } = sourceOrFault(inbox, id);
  const isTheirs = rotation.secret === undefined && secrets[0] !== undefined && isPublicKey(secrets[0].secret);
  if (isTheirs)
    refuse([{ pointer: "/secret", detail: "is required: the sender makes the key pair and gives its public half" }]);
  const secret = rotation.secret ?? makeWebhookSecret(systemRandom);
  refuse(secretErrors(settings.scheme, secret));
  const overlapSeconds = rotation.overlap_seconds ?? LIMITS.secretOverlapSeconds;
  inbox.sources.putSecrets(id, rotated(secrets, secret, overlapSeconds * 1_000, now));
  return { ...showSource(store, id, now), secret };
}

function secretErrors(scheme: NewSource["scheme"], secret: string): FieldError[] {
  const detail = problemWithSecret(scheme, secret);
  return detail === null ? [] : [{ pointer: "/secret", detail }];
}

function refuse(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first) throw new Fault("invalid_request", `The body: ${first.pointer} ${first.detail}`, { errors });
}
