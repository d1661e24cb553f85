// Presets on payloads as their senders send them: shortened, but with the members around the relevant fields.
import { describe, expect, it } from "vitest";
import type { Modality } from "../../src/contract/inputs.ts";
import type { Mapped, MappedChanges, MappedDeletion, MappingRule, Position } from "../../src/contract/mapping.ts";
import { PRESETS, type PresetName } from "../../src/contract/sources.ts";
import { TASKS, type Task, targetFieldOf } from "../../src/contract/tasks.ts";
import { whatItAsks } from "../../src/webhooks/map-by-source.ts";
import { positionOf } from "../../src/webhooks/order.ts";
import { PRESET_BY_NAME } from "../../src/webhooks/presets.ts";
import { problemsWithSettings, settingsOf } from "../../src/webhooks/source.ts";

interface Asked {
  readonly task?: Task;
  readonly modality?: Modality;
  readonly mapping?: MappingRule;
  readonly from_name?: string;
  readonly headers?: Record<string, string>;
}

function mapBy(preset: PresetName, payload: unknown, asked: Asked = {}): Mapped {
  const { task = "classification", modality = "text", mapping, from_name, headers = {} } = asked;
  const settings = settingsOf({ scheme: "hmac-sha256", action: "add", preset, mapping, from_name });
  return whatItAsks(settings, { task, modality }, { payload }, new Headers(headers));
}

/** The single example that a payload is mapped to, or the other result of the mapping. */
function exampleBy(preset: PresetName, payload: unknown, asked: Asked = {}) {
  const mapped = mapBy(preset, payload, asked);
  return mapped.kind === "changes" && mapped.examples.length === 1 ? mapped.examples[0] : mapped;
}

const changes = (more: Partial<MappedChanges>) => ({
  kind: "changes",
  examples: [],
  deletes: [],
  deletedGroups: [],
  reason: null,
  ...more,
});

/** Deletions without a time of the sender, which are ordered by their arrival. */
const named = (...names: string[]): MappedDeletion[] => names.map((name) => ({ name, position: null }));

const annotated = (action: string, choices: readonly string[], more: object = {}) => ({
  action,
  annotation: {
    id: 28,
    completed_by: 1,
    was_cancelled: false,
    ground_truth: false,
    lead_time: 3.5,
    task: 117,
    project: 4,
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
  it("makes an example from an annotation, and changes its label with an update", () => {
    expect(exampleBy("label-studio", annotated("ANNOTATION_CREATED", ["delivery"]))).toMatchObject({
      row: { text: "my parcel never came", label: "delivery", id: "28" },
    });
    expect(exampleBy("label-studio", annotated("ANNOTATION_UPDATED", ["refund"]))).toMatchObject({
      row: { label: "refund" },
    });
  });

  it("uses every choice for a multilabel head, and a number or stars for a regression", () => {
    const mapped = exampleBy("label-studio", annotated("ANNOTATION_CREATED", ["delivery", "late"]), {
      task: "multilabel",
    });
    expect(mapped).toMatchObject({ row: { labels: ["delivery", "late"] } });
    for (const [type, value] of [
      ["number", { number: 4 }],
      ["rating", { rating: 4 }],
    ] as const) {
      const result = [{ type, from_name: "n", to_name: "text", value }];
      const rated = exampleBy("label-studio", annotated("ANNOTATION_CREATED", [], { result }), { task: "regression" });
      expect(rated).toMatchObject({ row: { value: 4 } });
    }
  });

  it("writes paths of a taxonomy as Label Studio does", () => {
    const value = { taxonomy: [["Goods", "Furniture", "Beds"], ["Services"]] };
    const payload = annotated("ANNOTATION_CREATED", [], { result: [{ type: "taxonomy", from_name: "t", value }] });
    expect(exampleBy("label-studio", payload)).toMatchObject({ row: { label: "Goods / Furniture / Beds" } });
    const labels = ["Goods / Furniture / Beds", "Services"];
    expect(exampleBy("label-studio", payload, { task: "multilabel" })).toMatchObject({ row: { labels } });
    const nested = annotated("ANNOTATION_CREATED", [], {
      result: [{ type: "choices", from_name: "t", value: { choices: [["Goods", "Beds"]] } }],
    });
    expect(exampleBy("label-studio", nested)).toMatchObject({ row: { label: "Goods / Beds" } });
  });

  const result = [
    { type: "choices", from_name: "tone", to_name: "text", value: { choices: ["angry"] } },
    { type: "choices", from_name: "topic", to_name: "text", value: { choices: ["refund"] } },
    { type: "rating", from_name: "stars", to_name: "text", value: { rating: 2 } },
    { type: "number", from_name: "count", to_name: "text", value: { number: 7 } },
  ];
  const several = (action: string) => annotated(action, [], { result });

  it("uses the control that the source names, and asks for its name if there are several", () => {
    const by = (from_name: string, task: Task = "classification") =>
      exampleBy("label-studio", several("ANNOTATION_CREATED"), { from_name, task });
    expect(by("topic")).toMatchObject({ row: { label: "refund" } });
    expect(by("tone")).toMatchObject({ row: { label: "angry" } });
    expect(by("stars")).toMatchObject({ row: { label: "2" } });
    expect(by("stars", "regression")).toMatchObject({ row: { value: 2 } });
    expect(by("count", "regression")).toMatchObject({ row: { value: 7 } });
    expect(by("topic", "multilabel")).toMatchObject({ row: { labels: ["refund"] } });
    expect(exampleBy("label-studio", several("ANNOTATION_CREATED"))).toMatchObject({
      kind: "unmappable",
      reason: { pointer: "/annotation/result", detail: expect.stringContaining("tone, topic") },
    });
  });

  it("deletes the annotations and the tasks that a deletion names", () => {
    const deleted = { action: "ANNOTATIONS_DELETED", annotations: [{ id: 28 }, { id: 29 }], project: { id: 4 } };
    expect(mapBy("label-studio", deleted)).toEqual(changes({ deletes: named("28", "29") }));
    expect(mapBy("label-studio", annotated("ANNOTATION_DELETED", ["x"]))).toEqual(changes({ deletes: named("28") }));
    const tasks = { action: "TASKS_DELETED", tasks: [{ id: 117 }, { id: 118 }], project: { id: 4 } };
    expect(mapBy("label-studio", tasks)).toEqual(changes({ deletedGroups: named("117", "118") }));
    expect(exampleBy("label-studio", annotated("ANNOTATION_CREATED", ["x"]))).toMatchObject({ group: "117" });
  });

  it("deletes the example of an annotation that is cancelled or emptied", () => {
    const unlearnt = changes({ deletes: named("28") });
    for (const action of ["ANNOTATION_CREATED", "ANNOTATION_UPDATED"]) {
      expect(mapBy("label-studio", annotated(action, ["x"], { was_cancelled: true })), action).toEqual(unlearnt);
      expect(mapBy("label-studio", annotated(action, [], { result: [] })), action).toEqual(unlearnt);
    }
    expect(mapBy("label-studio", annotated("ANNOTATION_UPDATED", []))).toEqual(unlearnt);
    expect(mapBy("label-studio", several("ANNOTATION_UPDATED"), { from_name: "other" })).toEqual(unlearnt);
    expect(mapBy("label-studio", annotated("ANNOTATION_UPDATED", []), { task: "multilabel" })).toEqual(unlearnt);
  });

  it("ignores other events, and reports a missing choice", () => {
    expect(mapBy("label-studio", { action: "PROJECT_UPDATED", project: { id: 4 } }).kind).toBe("ignored");
    expect(mapBy("label-studio", { action: "TASKS_CREATED", tasks: [{ id: 1, data: {} }] }).kind).toBe("ignored");
    expect(mapBy("label-studio", annotated("ANNOTATION_CREATED", []))).toMatchObject({
      kind: "unmappable",
      reason: { pointer: "/annotation/result" },
    });
    expect(mapBy("label-studio", { action: "ANNOTATION_CREATED" })).toMatchObject({ kind: "unmappable" });
  });

  const annotation = (id: number, task: number, choices: readonly string[], more: object = {}) => ({
    ...annotated("", choices).annotation,
    id,
    task,
    ...more,
  });
  const task = (id: number) => ({ id, data: { text: `text of ${id}` } });

  it("matches every annotation of a bulk event with its task, in any order", () => {
    const bulk = {
      action: "ANNOTATIONS_CREATED",
      annotation: [annotation(11, 111, ["a"]), annotation(12, 112, ["b"]), annotation(13, 111, ["c"])],
      task: [task(112), task(111)],
    };
    expect(mapBy("label-studio", bulk)).toEqual(
      changes({
        examples: [
          { row: { text: "text of 111", label: "a", id: "11" }, group: "111" },
          { row: { text: "text of 112", label: "b", id: "12" }, group: "112" },
          { row: { text: "text of 111", label: "c", id: "13" }, group: "111" },
        ],
      }),
    );
  });

  it("deletes what a bulk event cancels, leaves out annotations without a label, and names them", () => {
    const bulk = {
      action: "ANNOTATIONS_CREATED",
      annotation: [
        annotation(11, 111, ["a"]),
        annotation(12, 111, [], { was_cancelled: true }),
        annotation(13, 111, []),
      ],
      task: [task(111)],
    };
    expect(mapBy("label-studio", bulk)).toMatchObject({
      examples: [{ row: { id: "11" } }],
      deletes: named("12"),
      reason: { code: "partly_unmappable", pointer: "/annotation/2/result", detail: expect.stringContaining("1 of 3") },
    });
    const orphan = { ...bulk, annotation: [annotation(11, 999, ["a"])] };
    expect(mapBy("label-studio", orphan)).toMatchObject({ kind: "unmappable", reason: { code: "unmappable" } });
  });

  it("reads its text from another place if a mapping says so", () => {
    const payload = annotated("ANNOTATION_CREATED", ["delivery"]);
    const renamed = { ...payload, task: { ...payload.task, data: { message: "hello" } } };
    expect(exampleBy("label-studio", renamed, { mapping: { text: "/task/data/message" } })).toMatchObject({
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
    id: 73464126,
    node_id: "MDU6SXNz",
    number: 2,
    title: "Spelling error in the README",
    body,
    state: "open",
    labels: remaining.map((name, id) => ({ id, name, color: "d73a4a", default: true })),
    user: { login: "Codertocat", id: 21031067 },
  },
  label: label === null ? undefined : { id: 1, name: label, color: "d73a4a", default: true },
  repository: { id: 186853002, name: "Hello-World", full_name: "Codertocat/Hello-World" },
  sender: { login: "Codertocat", id: 21031067 },
});

describe("github-issues", () => {
  it("makes an example from a labelled issue, with or without a body", () => {
    expect(exampleBy("github-issues", issueEvent("labeled", "bug", ["docs", "bug"]))).toMatchObject({
      row: { text: "Spelling error in the README\nIt broke", label: "bug", id: "73464126" },
    });
    const bare = exampleBy("github-issues", issueEvent("labeled", "bug", ["bug"], null));
    expect(bare).toMatchObject({ row: { text: "Spelling error in the README" } });
  });

  it("uses the remaining labels when one is removed, and deletes the example when none remains", () => {
    expect(exampleBy("github-issues", issueEvent("unlabeled", "bug", ["docs"]))).toMatchObject({
      row: { label: "docs" },
    });
    expect(exampleBy("github-issues", issueEvent("unlabeled", "bug", []))).toEqual(
      changes({ deletes: named("73464126") }),
    );
    const many = exampleBy("github-issues", issueEvent("unlabeled", "bug", ["docs", "p1"]), { task: "multilabel" });
    expect(many).toMatchObject({ row: { labels: ["docs", "p1"] } });
  });

  it("deletes the example with the issue, and ignores other actions and the ping", () => {
    expect(exampleBy("github-issues", issueEvent("deleted", null, ["bug"]))).toEqual(
      changes({ deletes: named("73464126") }),
    );
    expect(mapBy("github-issues", issueEvent("closed", null, ["bug"])).kind).toBe("ignored");
    expect(mapBy("github-issues", { zen: "Design for failure.", hook_id: 1, hook: { type: "Repository" } }).kind).toBe(
      "ignored",
    );
  });
});

const tagged = (added: readonly string[], removed: readonly string[], tags: readonly string[]) => ({
  account_id: 22129848,
  detail: {
    actor_id: "8447388090494",
    id: "5158",
    is_public: true,
    status: "OPEN",
    type: "QUESTION",
    via: { channel: "web" },
    subject: "Refund please",
    description: "I was charged twice",
    tags,
  },
  event: { tags_added: added, tags_removed: removed },
  id: "cbe4028c-7239-495d-b020-f22348516046",
  subject: "zen:ticket:5158",
  time: "2026-10-24T01:30:00Z",
  type: "zen:event-type:ticket.tags_changed",
  zendesk_event_version: "2022-11-06",
});

describe("events about comments", () => {
  const headers = { "X-GitHub-Event": "issue_comment" };

  it("never delete or relabel an issue, because GitHub's header names the event", () => {
    for (const action of ["deleted", "labeled", "unlabeled"]) {
      expect(mapBy("github-issues", issueEvent(action, "bug", []), { headers })).toMatchObject({
        kind: "ignored",
        reason: { header: "X-GitHub-Event" },
      });
    }
    const issues = { "x-github-event": "issues" };
    expect(mapBy("github-issues", issueEvent("deleted", null, ["bug"]), { headers: issues })).toEqual(
      changes({ deletes: named("73464126") }),
    );
  });

  it("are recognised by their comment if there is no header", () => {
    const comment = { ...issueEvent("deleted", null, ["bug"]), comment: { id: 1, body: "me too" } };
    expect(mapBy("github-issues", comment).kind).toBe("ignored");
  });
});

/** The position of the events of `tagged`. */
const TIME = positionOf("2026-10-24T01:30:00Z") as Position;

describe("zendesk", () => {
  it("makes an example from a tag, and uses the remaining tags after a change", () => {
    const row = { text: "Refund please\nI was charged twice", label: "billing", id: "5158" };
    expect(exampleBy("zendesk", tagged(["billing"], [], ["vip", "billing"]))).toEqual({ row, position: TIME });
    expect(exampleBy("zendesk", tagged([], ["billing"], ["vip"]))).toMatchObject({ row: { label: "vip" } });
    expect(exampleBy("zendesk", tagged([], ["billing"], []))).toEqual(
      changes({ deletes: [{ name: "5158", position: TIME }] }),
    );
    expect(exampleBy("zendesk", tagged(["b"], [], ["a", "b"]), { task: "multilabel" })).toMatchObject({
      row: { labels: ["a", "b"] },
    });
  });

  it("deletes the example with the ticket, and ignores its other events", () => {
    const of = (type: string) => ({ ...tagged([], [], ["vip"]), type: `zen:event-type:ticket.${type}` });
    expect(exampleBy("zendesk", of("soft_deleted"))).toEqual(changes({ deletes: [{ name: "5158", position: TIME }] }));
    expect(mapBy("zendesk", of("status_changed")).kind).toBe("ignored");
  });
});

describe("the preset feedback", () => {
  it("accepts input and target as the route feedback does, or the input as a plain text", () => {
    expect(exampleBy("feedback", { input: { text: "hi" }, label: "greeting" })).toMatchObject({
      row: { text: "hi", label: "greeting" },
    });
    expect(exampleBy("feedback", { input: "hi", label: "greeting", id: "e1" })).toMatchObject({
      row: { text: "hi", id: "e1" },
    });
    expect(exampleBy("feedback", { input: { text: "hi" }, labels: ["a", "b"] }, { task: "multilabel" })).toMatchObject({
      row: { labels: ["a", "b"] },
    });
    expect(exampleBy("feedback", { input: { text: "hi" }, value: 3 }, { task: "regression" })).toMatchObject({
      row: { value: 3 },
    });
  });

  it("accepts vectors if the head takes vectors", () => {
    const vector = { input: { features: [1, 2] }, label: "a" };
    expect(exampleBy("feedback", vector, { modality: "features" })).toMatchObject({ row: { features: [1, 2] } });
  });

  it("deletes by id", () => {
    expect(exampleBy("feedback", { id: "e1", delete: true })).toEqual(changes({ deletes: [{ name: "e1" }] }));
  });
});

it.each(PRESETS)("the preset %s works for every head whose targets it lists", (preset) => {
  for (const task of TASKS.filter((task) => PRESET_BY_NAME[preset].targets.includes(targetFieldOf(task)))) {
    const settings = settingsOf({ scheme: "github", action: "add", preset });
    expect(problemsWithSettings(settings, { task, modality: "text" })).toEqual([]);
  }
});
