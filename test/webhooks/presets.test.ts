// Presets against payloads in the shape that their senders send: shortened, but with what surrounds the fields that count.
import { describe, expect, it } from "vitest";
import type { Task } from "../../src/contract/heads.ts";
import type { MappingRule } from "../../src/contract/mapping.ts";
import { PRESETS, type PresetName } from "../../src/contract/sources.ts";
import { mapPayload } from "../../src/webhooks/mapping.ts";
import { PRESET_BY_NAME } from "../../src/webhooks/presets.ts";
import { problemsWithSettings, rulesOf, settingsOf } from "../../src/webhooks/source.ts";

const mapBy = (
  preset: PresetName,
  payload: unknown,
  task: Task = "classification",
  mapping: MappingRule | null = null,
) => mapPayload(rulesOf({ preset, mapping }, { task, modality: "text" }), payload);

const annotated = (action: string, choices: readonly string[], more: object = {}) => ({
  action,
  annotation: {
    ...{ id: 28, completed_by: 1, was_cancelled: false, ground_truth: false, lead_time: 3.5, task: 117, project: 4 },
    result: [
      { id: "q1", type: "choices", from_name: "topic", to_name: "text", origin: "manual", value: { choices } },
      { id: "q2", type: "textarea", from_name: "note", to_name: "text", value: { text: ["left a note"] } },
    ],
    ...more,
  },
  task: { id: 117, data: { text: "my parcel never came" }, is_labeled: true, overlap: 1, project: 4 },
  project: { id: 4, title: "Support" },
});

describe("label-studio", () => {
  it("makes an example of an annotation, and another label of an update", () => {
    expect(mapBy("label-studio", annotated("ANNOTATION_CREATED", ["delivery"]))).toEqual({
      ...{ kind: "example", row: { text: "my parcel never came", label: "delivery", id: "28" } },
    });
    expect(mapBy("label-studio", annotated("ANNOTATION_UPDATED", ["refund"]))).toMatchObject({
      row: { label: "refund" },
    });
  });

  it("takes every choice for a multilabel head, and a number for a regression", () => {
    const mapped = mapBy("label-studio", annotated("ANNOTATION_CREATED", ["delivery", "late"]), "multilabel");
    expect(mapped).toMatchObject({ row: { labels: ["delivery", "late"] } });
    const result = [{ type: "number", from_name: "n", to_name: "text", value: { number: 4 } }];
    const rated = mapBy("label-studio", annotated("ANNOTATION_CREATED", [], { result }), "regression");
    expect(rated).toMatchObject({ row: { value: 4 } });
  });

  it("deletes by the annotations that a deletion names", () => {
    const deleted = { action: "ANNOTATIONS_DELETED", annotations: [{ id: 28 }, { id: 29 }], project: { id: 4 } };
    expect(mapBy("label-studio", deleted)).toEqual({ kind: "delete", ids: ["28", "29"] });
    expect(mapBy("label-studio", annotated("ANNOTATION_DELETED", ["x"]))).toEqual({ kind: "delete", ids: ["28"] });
  });

  it("ignores a skipped task and events of other things, and says where a choice is missing", () => {
    expect(mapBy("label-studio", annotated("ANNOTATION_CREATED", ["x"], { was_cancelled: true })).kind).toBe("ignored");
    expect(mapBy("label-studio", { action: "PROJECT_UPDATED", project: { id: 4 } }).kind).toBe("ignored");
    expect(mapBy("label-studio", annotated("ANNOTATION_CREATED", []))).toMatchObject({
      ...{ kind: "unmappable", reason: { pointer: "/annotation/result" } },
    });
  });

  it("takes its text from elsewhere where a mapping beside it says so", () => {
    const payload = annotated("ANNOTATION_CREATED", ["delivery"]);
    const renamed = { ...payload, task: { ...payload.task, data: { message: "hello" } } };
    expect(mapBy("label-studio", renamed, "classification", { text: "/task/data/message" })).toMatchObject({
      row: { text: "hello", label: "delivery" },
    });
  });
});

const issueEvent = (
  action: string,
  label: string | null,
  remaining: readonly string[],
  body: string | null = "It broke",
) => ({
  action,
  issue: {
    ...{ id: 73464126, node_id: "MDU6SXNz", number: 2, title: "Spelling error in the README", body, state: "open" },
    labels: remaining.map((name, id) => ({ id, name, color: "d73a4a", default: true })),
    user: { login: "Codertocat", id: 21031067 },
  },
  ...(label === null ? {} : { label: { id: 1, name: label, color: "d73a4a", default: true } }),
  repository: { id: 186853002, name: "Hello-World", full_name: "Codertocat/Hello-World" },
  sender: { login: "Codertocat", id: 21031067 },
});

describe("github-issues", () => {
  it("makes an example of a label given to an issue, with or without a body", () => {
    expect(mapBy("github-issues", issueEvent("labeled", "bug", ["docs", "bug"]))).toEqual({
      ...{ kind: "example", row: { text: "Spelling error in the README\nIt broke", label: "bug", id: "73464126" } },
    });
    const bare = mapBy("github-issues", issueEvent("labeled", "bug", ["bug"], null));
    expect(bare).toMatchObject({ row: { text: "Spelling error in the README" } });
  });

  it("relabels by what remains when a label is taken, and deletes when none does", () => {
    expect(mapBy("github-issues", issueEvent("unlabeled", "bug", ["docs"]))).toMatchObject({ row: { label: "docs" } });
    expect(mapBy("github-issues", issueEvent("unlabeled", "bug", []))).toEqual({ kind: "delete", ids: ["73464126"] });
    const many = mapBy("github-issues", issueEvent("unlabeled", "bug", ["docs", "p1"]), "multilabel");
    expect(many).toMatchObject({ row: { labels: ["docs", "p1"] } });
  });

  it("deletes with the issue, and ignores what else happens to it, and the ping", () => {
    expect(mapBy("github-issues", issueEvent("deleted", null, ["bug"]))).toEqual({ kind: "delete", ids: ["73464126"] });
    expect(mapBy("github-issues", issueEvent("closed", null, ["bug"])).kind).toBe("ignored");
    expect(mapBy("github-issues", { zen: "Design for failure.", hook_id: 1, hook: { type: "Repository" } }).kind).toBe(
      "ignored",
    );
  });
});

const tagged = (added: readonly string[], removed: readonly string[], tags: readonly string[]) => ({
  account_id: 22129848,
  detail: {
    ...{
      actor_id: "8447388090494",
      id: "5158",
      is_public: true,
      status: "OPEN",
      type: "QUESTION",
      via: { channel: "web" },
    },
    ...{ subject: "Refund please", description: "I was charged twice", tags },
  },
  event: { tags_added: added, tags_removed: removed },
  ...{ id: "cbe4028c-7239-495d-b020-f22348516046", subject: "zen:ticket:5158", time: "2026-10-24T01:30:00Z" },
  ...{ type: "zen:event-type:ticket.tags_changed", zendesk_event_version: "2022-11-06" },
});

describe("zendesk", () => {
  it("makes an example of a tag, and goes on with what remains", () => {
    const row = { text: "Refund please\nI was charged twice", label: "billing", id: "5158" };
    expect(mapBy("zendesk", tagged(["billing"], [], ["vip", "billing"]))).toEqual({ kind: "example", row });
    expect(mapBy("zendesk", tagged([], ["billing"], ["vip"]))).toMatchObject({ row: { label: "vip" } });
    expect(mapBy("zendesk", tagged([], ["billing"], []))).toEqual({ kind: "delete", ids: ["5158"] });
    expect(mapBy("zendesk", tagged(["b"], [], ["a", "b"]), "multilabel")).toMatchObject({
      row: { labels: ["a", "b"] },
    });
  });

  it("deletes with the ticket, and ignores its other events", () => {
    const of = (type: string) => ({ ...tagged([], [], ["vip"]), type: `zen:event-type:ticket.${type}` });
    expect(mapBy("zendesk", of("soft_deleted"))).toEqual({ kind: "delete", ids: ["5158"] });
    expect(mapBy("zendesk", of("status_changed")).kind).toBe("ignored");
  });
});

describe("feedback", () => {
  it("takes input and target as feedback takes them, or the input as a text alone", () => {
    expect(mapBy("feedback", { input: { text: "hi" }, label: "greeting" })).toEqual({
      ...{ kind: "example", row: { text: "hi", label: "greeting" } },
    });
    expect(mapBy("feedback", { input: "hi", label: "greeting", id: "e1" })).toMatchObject({
      row: { text: "hi", id: "e1" },
    });
    expect(mapBy("feedback", { input: { text: "hi" }, labels: ["a", "b"] }, "multilabel")).toMatchObject({
      row: { labels: ["a", "b"] },
    });
    expect(mapBy("feedback", { input: { text: "hi" }, value: 3 }, "regression")).toMatchObject({ row: { value: 3 } });
  });

  it("takes vectors where the head does", () => {
    const rules = PRESET_BY_NAME.feedback.rules({ task: "classification", modality: "features" });
    expect(mapPayload(rules, { input: { features: [1, 2] }, label: "a" })).toMatchObject({ row: { features: [1, 2] } });
  });

  it("deletes by id", () => {
    expect(mapBy("feedback", { id: "e1", delete: true })).toEqual({ kind: "delete", ids: ["e1"] });
  });
});

it.each(PRESETS)("%s suits every head that it says it teaches", (preset) => {
  for (const task of PRESET_BY_NAME[preset].tasks) {
    const settings = settingsOf({ scheme: "github", action: "add", preset });
    expect(problemsWithSettings(settings, { task, modality: "text" })).toEqual([]);
  }
});
