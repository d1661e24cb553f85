// Mappings for common senders, by the head's task and its inputs. Each follows the sender's documentation of its payloads, which
// is linked here.
import { fieldsOf, type Modality } from "../contract/inputs.ts";
import type { Conditions, Field, MappingRule } from "../contract/mapping.ts";
import type { HmacOptions } from "../contract/scheme-options.ts";
import type { PresetName } from "../contract/sources.ts";
import { TARGET_FIELDS, type TargetField, type Task, targetFieldOf } from "../contract/tasks.ts";
import { labelStudioParts, labelStudioRules } from "./label-studio.ts";
import type { SplitPayload } from "./parts.ts";

/** The properties of a head that a preset depends on. */
export interface MappedHead {
  readonly task: Task;
  readonly modality: Modality;
}

export interface PresetOptions {
  /** The control of Label Studio to learn from. */
  readonly from_name: string | null;
}

interface Preset {
  /** Targets that the sender's payloads have. */
  readonly targets: readonly TargetField[];
  readonly rules: (head: MappedHead, options: PresetOptions) => readonly MappingRule[];
  /** Splits a delivery into its events, for senders that put several into one. */
  readonly split?: SplitPayload;
  /** The sender's own signature scheme, if it has one. */
  readonly hmac?: HmacOptions;
  /** The header with the sender's id of a delivery. Its retries have the same id. */
  readonly idHeader?: string;
}

const LABELS: readonly TargetField[] = ["label", "labels"];

/** All labels for a multilabel head; the first one for another head. */
function targetFrom(task: Task, all: Field, one: Field = all): MappingRule {
  const rules = { label: { label: one }, labels: { labels: all }, value: { value: one } };
  return rules[targetFieldOf(task)];
}

/** Label Studio signs nothing and sends no ids, only fixed headers. So its sources use the scheme static-token. */
const labelStudio: Preset = {
  targets: TARGET_FIELDS,
  rules: ({ task }, { from_name: control }) => labelStudioRules(task, control),
  split: labelStudioParts,
};

/**
 * Comments on issues have the same actions with the same issue. GitHub always names the event in the header. Without the header, as
 * in a dry run by hand, the payload must not contain a comment.
 */
const issues = (action: string): Conditions => ({
  "header:X-GitHub-Event": ["issues", null],
  "/comment": null,
  "/action": action,
});

/**
 * docs.github.com/webhooks/webhook-events-and-payloads#issues: `issue.labels` has the labels after the event. A deletion does not
 * change `updated_at`, and a deleted issue never returns, so a deletion is ordered by its arrival.
 */
const githubIssues: Preset = {
  targets: LABELS,
  idHeader: "X-GitHub-Delivery",
  rules: ({ task }) => {
    const remaining: Field = { pointer: "/issue/labels", each: "/name" };
    const issue: MappingRule = {
      text: { join: ["/issue/title", "/issue/body"], separator: "\n" },
      id: "/issue/id",
      order: { pointer: "/issue/updated_at", optional: true },
    };
    return [
      { when: issues("deleted"), delete_when: {}, id: "/issue/id" },
      { when: issues("labeled"), ...issue, ...targetFrom(task, remaining, "/label/name") },
      {
        when: issues("unlabeled"),
        delete_when: { "/issue/labels/0": null },
        ...issue,
        ...targetFrom(task, remaining),
      },
    ];
  },
};

const EVENT_TIME: Field = { first: ["/time", "/detail/updated_at"], optional: true };

/** developer.zendesk.com/api-reference/webhooks/event-types/ticket-events, and its section "Verifying webhooks". */
const zendesk: Preset = {
  targets: LABELS,
  rules: ({ task }) => [
    {
      when: { "/type": "zen:event-type:ticket.tags_changed" },
      delete_when: { "/detail/tags/0": null },
      text: { join: ["/detail/subject", "/detail/description"], separator: "\n" },
      id: "/detail/id",
      order: EVENT_TIME,
      ...targetFrom(task, "/detail/tags", { first: ["/event/tags_added", "/detail/tags"] }),
    },
    {
      when: { "/type": ["zen:event-type:ticket.soft_deleted", "zen:event-type:ticket.permanently_deleted"] },
      delete_when: {},
      id: "/detail/id",
      order: EVENT_TIME,
    },
  ],
  hmac: {
    header: "X-Zendesk-Webhook-Signature",
    encoding: "base64",
    timestamp_header: "X-Zendesk-Webhook-Signature-Timestamp",
    timestamp_format: "rfc3339",
    signed: "{timestamp}{body}",
  },
  idHeader: "X-Zendesk-Webhook-Invocation-Id",
};

/** The fields of an input; a single field may also be the input itself. */
function inputFrom(modality: Modality): MappingRule {
  const fields = fieldsOf(modality);
  const placesOf = (name: string): string[] =>
    fields.length === 1 ? [`/input/${name}`, "/input"] : [`/input/${name}`];
  return Object.fromEntries(fields.map((name) => [name, { first: placesOf(name) }]));
}

/** A call from your own code: {"input", "label" | "labels" | "value", "id"?}, or {"id", "delete": true}. */
const feedback: Preset = {
  targets: TARGET_FIELDS,
  rules: ({ task, modality }) => [
    { when: { "/delete": true }, delete_when: {}, id: "/id" },
    {
      ...inputFrom(modality),
      id: { pointer: "/id", optional: true },
      [targetFieldOf(task)]: `/${targetFieldOf(task)}`,
    },
  ],
};

export const PRESET_BY_NAME: Readonly<Record<PresetName, Preset>> = {
  "label-studio": labelStudio,
  "github-issues": githubIssues,
  zendesk,
  feedback,
};
