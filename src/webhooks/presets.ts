// Mappings for senders that many have, by the head's task and by what its inputs are. Each follows the sender's own
// documentation of its payloads, linked beside it.
import type { Task } from "../contract/heads.ts";
import type { Modality } from "../contract/inputs.ts";
import type { Field, MappingRule } from "../contract/mapping.ts";
import type { HmacOptions } from "../contract/scheme-options.ts";
import type { PresetName } from "../contract/sources.ts";
import { targetFieldOf } from "../contract/targets.ts";

/** What a preset must know of the head. */
export interface HeadShape {
  readonly task: Task;
  readonly modality: Modality;
}

interface Preset {
  /** Tasks that the sender's payloads can teach. */
  readonly tasks: readonly Task[];
  readonly rules: (head: HeadShape) => readonly MappingRule[];
  /** How the sender signs, where it does in its own way. */
  readonly hmac?: HmacOptions;
  /** The header in which the sender names a delivery: its own retries have the same name. */
  readonly idHeader?: string;
}

const LABELS: readonly Task[] = ["classification", "multilabel"];

/** Every label there is of a multilabel head; of another, the first. */
const targetFrom = (task: Task, all: Field, one: Field = all): MappingRule =>
  task === "multilabel" ? { labels: all } : { label: one };

/**
 * labelstud.io/guide/webhook_reference: an annotation is an example, since deletions name annotations only. Label Studio signs
 * nothing and names no delivery; it sends fixed headers, so its sources are of scheme static-token.
 */
const labelStudio: Preset = {
  tasks: ["classification", "multilabel", "regression"],
  rules: ({ task }) => [
    {
      when: { "/action": ["ANNOTATIONS_DELETED", "ANNOTATION_DELETED"] },
      delete_when: {},
      id: { first: ["/annotations", "/annotation/id"], each: "/id" },
    },
    {
      when: {
        "/action": ["ANNOTATION_CREATED", "ANNOTATION_UPDATED"],
        "/annotation/was_cancelled": [false, null],
      },
      text: "/task/data/text",
      id: "/annotation/id",
      ...(task === "regression"
        ? { value: { pointer: "/annotation/result", each: "/value/number" } }
        : targetFrom(task, { pointer: "/annotation/result", each: "/value/choices" })),
    },
  ],
};

/** docs.github.com/webhooks/webhook-events-and-payloads#issues: `issue.labels` is what remains after the event. */
const githubIssues: Preset = {
  tasks: LABELS,
  idHeader: "X-GitHub-Delivery",
  rules: ({ task }) => {
    const remaining: Field = { pointer: "/issue/labels", each: "/name" };
    const issue: MappingRule = { text: { join: ["/issue/title", "/issue/body"], separator: "\n" }, id: "/issue/id" };
    return [
      { when: { "/action": "deleted" }, delete_when: {}, id: "/issue/id" },
      { when: { "/action": "labeled" }, ...issue, ...targetFrom(task, remaining, "/label/name") },
      {
        when: { "/action": "unlabeled" },
        delete_when: { "/issue/labels/0": null },
        ...issue,
        ...targetFrom(task, remaining),
      },
    ];
  },
};

/** developer.zendesk.com/api-reference/webhooks/event-types/ticket-events, and there under "Verifying webhooks". */
const zendesk: Preset = {
  tasks: LABELS,
  rules: ({ task }) => [
    {
      when: { "/type": "zen:event-type:ticket.tags_changed" },
      delete_when: { "/detail/tags/0": null },
      text: { join: ["/detail/subject", "/detail/description"], separator: "\n" },
      id: "/detail/id",
      ...targetFrom(task, "/detail/tags", { first: ["/event/tags_added", "/detail/tags"] }),
    },
    {
      when: { "/type": ["zen:event-type:ticket.soft_deleted", "zen:event-type:ticket.permanently_deleted"] },
      delete_when: {},
      id: "/detail/id",
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
  ...{ zendesk, feedback },
};
