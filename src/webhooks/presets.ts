// Mappings for senders that many have, by the head's task and by what its inputs are. Each follows the sender's own
// documentation of its payloads, linked beside it.
import type { Task } from "../contract/heads.ts";
import type { Modality } from "../contract/inputs.ts";
import type { Conditions, Field, MappingRule } from "../contract/mapping.ts";
import type { HmacOptions } from "../contract/scheme-options.ts";
import type { PresetName } from "../contract/sources.ts";
import { targetFieldOf } from "../contract/targets.ts";
import { labelStudioParts, labelStudioRules } from "./label-studio.ts";
import type { SplitPayload } from "./parts.ts";

/** What a preset must know of the head. */
export interface MappedHead {
  readonly task: Task;
  readonly modality: Modality;
}

export interface PresetOptions {
  /** Of Label Studio: the control to learn from. */
  readonly from_name: string | null;
}

interface Preset {
  /** Tasks that the sender's payloads can teach. */
  readonly tasks: readonly Task[];
  readonly rules: (head: MappedHead, options: PresetOptions) => readonly MappingRule[];
  /** The events of a delivery, where the sender puts several into one. */
  readonly split?: SplitPayload;
  /** How the sender signs, where it does in its own way. */
  readonly hmac?: HmacOptions;
  /** The header in which the sender names a delivery: its own retries have the same name. */
  readonly idHeader?: string;
}

const LABELS: readonly Task[] = ["classification", "multilabel"];

/** Every label there is of a multilabel head; of another, the first. */
const targetFrom = (task: Task, all: Field, one: Field = all): MappingRule =>
  task === "multilabel" ? { labels: all } : { label: one };

/** Label Studio signs nothing and names no delivery; it sends fixed headers, so its sources are of scheme static-token. */
const labelStudio: Preset = {
  tasks: ["classification", "multilabel", "regression"],
  rules: ({ task }, { from_name: control }) => labelStudioRules(task, control),
  split: labelStudioParts,
};

/**
 * Comments on issues have the same actions beside the same issue. GitHub always names the event in the header; without it,
 * as in a payload tried by hand, the payload must hold no comment.
 */
const issues = (action: string): Conditions => ({
  "header:X-GitHub-Event": ["issues", null],
  "/comment": null,
  "/action": action,
});

/**
 * docs.github.com/webhooks/webhook-events-and-payloads#issues: `issue.labels` is what remains after the event. A deletion does not
 * move `updated_at`, and no deleted issue comes back: it has no order of its own, and counts as of its arrival.
 */
const githubIssues: Preset = {
  tasks: LABELS,
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

/** developer.zendesk.com/api-reference/webhooks/event-types/ticket-events, and there under "Verifying webhooks". */
const zendesk: Preset = {
  tasks: LABELS,
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

/** A call that your own code makes: {"input", "label" | "labels" | "value", "id"?}, or {"id", "delete": true}. */
const feedback: Preset = {
  tasks: ["classification", "multilabel", "regression"],
  rules: ({ task, modality }) => [
    { when: { "/delete": true }, delete_when: {}, id: "/id" },
    {
      ...(modality === "features"
        ? { features: { first: ["/input/features", "/input"] } }
        : { text: { first: ["/input/text", "/input"] } }),
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
