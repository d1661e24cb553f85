// Decides when a head trains by itself, only from its policy, its backlog and the clock.
import type { JobView } from "../contract/jobs.ts";
import type { Policy } from "../contract/policy.ts";
import type { Backlog, Span } from "./backlog.ts";
import { afterQuietHours } from "./quiet-hours.ts";

/** The source of a request for a training, other than an API call. */
export type Asker = Exclude<JobView["trigger"]["kind"], "api">;

export type PolicyDecision =
  | { readonly kind: "train"; readonly because: Asker }
  /** Decide again at this time. */
  | { readonly kind: "wake"; readonly at: number }
  | { readonly kind: "nothing" };

/** The record that a head stores for these decisions. */
export interface PolicyRecord {
  policy: Policy;
  backlog: Backlog;
}

/** The inputs of the decision, in addition to the policy and the clock. */
export interface PolicyQuestion {
  readonly backlog: Backlog;
  /** Whether a job is queued or running. The decision is repeated when it has ended. */
  readonly isJobOpen: boolean;
}

/** The policy of a head without one: nothing trains by itself. */
export const DEFAULT_POLICY: Policy = { promote: "if_better", metric: "log_loss" };

const DEBOUNCE_SECONDS = 5;
/** Most debounces by which a training is delayed. Without this limit, a steady flow of changes would delay it for ever. */
const MOST_DEBOUNCES = 60;

export function decideTraining(policy: Policy, { backlog, isJobOpen }: PolicyQuestion, now: number): PolicyDecision {
  const due = isJobOpen ? null : dueTraining(policy, backlog, now);
  if (!due) return { kind: "nothing" };
  return due.at > now ? { kind: "wake", at: due.at } : { kind: "train", because: due.because };
}

/** When the next training is due, and not before `earliest` if the policy is its reason; null if none is due. */
export function dueTraining(
  policy: Policy,
  backlog: Backlog,
  earliest = 0,
): { readonly at: number; readonly because: Asker } | null {
  const asked = backlog.asked && afterDebounce(policy, backlog.asked);
  const own = dueByPolicy(policy, backlog);
  const open = own === null ? null : openHours(policy, Math.max(own, earliest));
  if (asked !== null && (open === null || asked <= open)) return { at: asked, because: "webhook" };
  return open === null ? null : { at: open, because: "policy" };
}

/** Whether a webhook's request starts its training at once. Further requests within the debounce wait for it. */
export const isFirstAsk = (policy: Policy, { lastAskedAt }: Backlog, now: number): boolean =>
  lastAskedAt === null || now - lastAskedAt >= debounceMs(policy);

function dueByPolicy(policy: Policy, { changes, changed, driftedAt }: Backlog): number | null {
  const { min_new_examples: enough = Number.POSITIVE_INFINITY, max_age_seconds: maxAge, on_drift: onDrift } = policy;
  return earliestOf([
    changed && changes >= enough ? afterDebounce(policy, changed) : null,
    changed && maxAge !== undefined ? changed.first + 1_000 * maxAge : null,
    onDrift ? driftedAt : null,
  ]);
}

/** When a span of events counts as over. */
function afterDebounce(policy: Policy, { first, last }: Span): number {
  const debounce = debounceMs(policy);
  const { max_age_seconds: maxAge } = policy;
  return Math.min(last + debounce, first + (maxAge === undefined ? MOST_DEBOUNCES * debounce : 1_000 * maxAge));
}

const debounceMs = ({ debounce_seconds: seconds = DEBOUNCE_SECONDS }: Policy): number => 1_000 * seconds;

const openHours = ({ quiet_hours: quiet }: Policy, at: number): number => (quiet ? afterQuietHours(quiet, at) : at);

function earliestOf(times: readonly (number | null)[]): number | null {
  const some = times.filter((time) => time !== null);
  return some.length === 0 ? null : Math.min(...some);
}
