// Events that arrive in another order than they happened: the newest wins, and what was deleted stays deleted.
import { beforeAll, describe, expect, it } from "vitest";
import type { DryRunResult } from "../../src/contract/dry-run.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { CreatedSource, NewSource } from "../../src/contract/sources.ts";
import { expectProblem } from "../support/problems.ts";
import { seededRandom } from "../support/random.ts";
import { makeTenant, makeTextHead, must, type ProblemBody } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hook-order")).key;
});

const MAPPING = { text: "/text", label: "/label", id: "/id", order: "/at", delete_when: { "/gone": true } };
const labelsOf = async (head: string): Promise<Record<string, string | undefined>> => {
  const { data } = await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples?limit=200`, { key });
  return Object.fromEntries(data.map(({ id, label }) => [id, label]));
};
const outcome = async (source: CreatedSource, payload: unknown, id?: string): Promise<string> => {
  const { body } = await deliver(source, payload, id);
  return body.reason?.code === "stale" ? `${body.outcome}: stale` : body.outcome;
};

async function makeInbox(head: string, more: Partial<NewSource> = {}): Promise<CreatedSource> {
  await makeTextHead(key, head);
  return makeSource(key, head, { scheme: "standard-webhooks", action: "add", mapping: MAPPING, ...more });
}

/** An event with the time `minute`. */
const event = (minute: number, more: object = {}) => ({
  id: 7,
  text: "where is my parcel?",
  label: `label ${minute}`,
  at: `2026-03-01T10:${String(minute).padStart(2, "0")}:00Z`,
  ...more,
});

describe("an event that is older than the last one about its example", () => {
  it("changes nothing, says so, and is a duplicate when it is sent again", async () => {
    const source = await makeInbox("older");
    expect(await outcome(source, event(5))).toBe("added");
    const late = await deliver(source, event(3), "late");
    expect([late.status, late.body]).toEqual([
      202,
      { delivery: "late", outcome: "ignored", reason: { code: "stale", detail: expect.stringMatching(/older/) } },
    ]);
    expect((await deliver(source, event(3), "late")).body.outcome).toBe("duplicate");
    expect(await labelsOf("older")).toEqual({ 7: "label 5" });
    expect(await outcome(source, event(6))).toBe("updated");
    expect(await outcome(source, event(6, { label: "in the same second" }))).toBe("updated");
    expect(await labelsOf("older")).toEqual({ 7: "in the same second" });
  });

  it("neither restores what was deleted later nor deletes what was created later", async () => {
    const source = await makeInbox("deleted");
    await outcome(source, event(1));
    expect(await outcome(source, event(5, { gone: true }))).toBe("deleted");
    expect(await outcome(source, event(3))).toBe("ignored: stale");
    expect(await labelsOf("deleted")).toEqual({});
    expect(await outcome(source, event(6))).toBe("added");
    expect(await outcome(source, event(5, { gone: true }))).toBe("ignored: stale");
    expect(await labelsOf("deleted")).toEqual({ 7: "label 6" });
  });

  it("creates nothing if the deletion arrived first", async () => {
    const source = await makeInbox("deleted-first");
    expect(await outcome(source, event(5, { gone: true }))).toBe("unchanged");
    expect(await outcome(source, event(4))).toBe("ignored: stale");
    expect(await labelsOf("deleted-first")).toEqual({});
  });

  it("changes nothing if it is sent to another source of the head", async () => {
    const [one, other] = [await makeInbox("two-sources"), await makeSourceOf("two-sources")];
    expect(await outcome(one, event(5))).toBe("added");
    expect(await outcome(other, event(4))).toBe("ignored: stale");
    expect(await outcome(other, event(8, { gone: true }))).toBe("deleted");
    expect(await outcome(one, event(7))).toBe("ignored: stale");
    expect(await labelsOf("two-sources")).toEqual({});
  });

  const makeSourceOf = (head: string) =>
    makeSource(key, head, { scheme: "standard-webhooks", action: "add", mapping: MAPPING });

  it("does not restore what the API has deleted since then", async () => {
    const source = await makeInbox("by-api");
    await outcome(source, event(5));
    await must("DELETE", "/v1/heads/by-api/examples/7", { key });
    expect(await outcome(source, event(6))).toBe("ignored: stale");
    expect(await outcome(source, event(0, { at: new Date(Date.now() + 60_000).toISOString() }))).toBe("added");
  });

  it("may have a number in place of a time, of which every digit counts", async () => {
    const source = await makeInbox("sequence");
    const numbered = (at: string, label: string) => `{"id": 7, "text": "hi", "label": "${label}", "at": ${at}}`;
    const send = async (at: string, label: string) => {
      const { body } = await deliver(source, JSON.parse(numbered(at, label)));
      return body.reason?.code ?? body.outcome;
    };
    expect([await send("10", "a"), await send("9", "b"), await send("11.5", "c"), await send("11.4", "d")]).toEqual([
      "added",
      "stale",
      "updated",
      "stale",
    ]);
    await outcome(source, { id: 7, gone: true, at: 12 });
    expect([await send("11", "e"), await send("13", "f")]).toEqual(["stale", "added"]);
  });

  it("is reported by a dry run, and is left out of a delivery of several", async () => {
    const items = { pointer: "/items", each: "/id" };
    const mapping = {
      text: { ...items, each: "/text" },
      label: { ...items, each: "/label" },
      id: items,
      order: { ...items, each: "/at" },
    };
    const source = await makeInbox("several", { mapping });
    await outcome(source, { items: [event(5)] });
    const mixed = { items: [event(3), event(4, { id: 8 }), event(6, { id: 9 }), event(2, { id: 9 })] };
    const tried = await must<DryRunResult>("POST", `/v1/heads/several/sources/${source.id}/test`, {
      key,
      body: { payload: mixed },
    });
    expect(tried).toMatchObject({ outcome: "added", reason: { code: "stale" }, changes: { added: 2, updated: 0 } });
    const old = { payload: { items: [event(1)] } };
    expect(await must("POST", `/v1/heads/several/sources/${source.id}/test`, { key, body: old })).toMatchObject({
      outcome: "ignored",
      reason: { code: "stale" },
    });
    const { body } = await deliver(source, mixed);
    expect(body).toMatchObject({ outcome: "added", added: 2, updated: 0, reason: { code: "stale" } });
    expect(await labelsOf("several")).toEqual({ 7: "label 5", 8: "label 4", 9: "label 6" });
  });
});

it("all orders of events lead to the same examples, even if each event is sent twice and some are concurrent", async () => {
  const source = await makeInbox("shuffled");
  const random = seededRandom(11);
  const ids = [1, 2, 3, 4, 5, 6];
  const events = ids.flatMap((id) =>
    Array.from({ length: 8 }, (_, minute) => event(minute, { id, gone: random.below(3) === 0 || undefined })),
  );
  const expected = Object.fromEntries(
    ids.flatMap((id) => {
      const last = events.filter((one) => one.id === id).at(-1) as { label: string; gone?: boolean };
      return last.gone ? [] : [[id, last.label]];
    }),
  );
  const sends = [...events, ...events].map((one) => ({ one, order: random.next() })).sort((a, b) => a.order - b.order);
  const worker = async (): Promise<void> => {
    for (let next = sends.pop(); next; next = sends.pop())
      expect((await deliver(source, next.one, `${next.one.id}-${next.one.at}`)).status).toBeLessThan(203);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(await labelsOf("shuffled")).toEqual(expected);
});

it("an event is unmappable if its order cannot be read", async () => {
  const source = await makeInbox("unreadable");
  for (const at of ["yesterday", -1, true, null, undefined]) {
    const answer = await deliver<ProblemBody>(source, event(1, { at }));
    expectProblem(answer, 422, "unmappable");
    expect(answer.body.errors).toMatchObject([{ pointer: "/at" }]);
  }
});

describe("the preset", () => {
  const annotation = (id: number, minute: number, choice: string, task = 117) => ({
    action: "ANNOTATION_UPDATED",
    annotation: {
      id,
      task,
      updated_at: `2026-03-01T10:${String(minute).padStart(2, "0")}:00.123456Z`,
      result: [{ type: "choices", from_name: "topic", to_name: "text", value: { choices: [choice] } }],
    },
    task: { id: task, data: { text: `message ${id}` } },
    project: { id: 4 },
  });

  it("label-studio orders events by updated_at; deletions have no time, so their arrival counts", async () => {
    const source = await makeInbox("label-studio", { mapping: undefined as never, preset: "label-studio" });
    expect(await outcome(source, annotation(1, 5, "refund"))).toBe("added");
    expect(await outcome(source, annotation(1, 4, "delivery"))).toBe("ignored: stale");
    expect(await outcome(source, { action: "ANNOTATIONS_DELETED", annotations: [{ id: 1 }, { id: 2 }] })).toBe(
      "deleted",
    );
    expect(await outcome(source, annotation(1, 6, "delivery"))).toBe("ignored: stale");
    expect(await outcome(source, annotation(2, 3, "delivery"))).toBe("ignored: stale");
    expect(await outcome(source, { action: "TASKS_DELETED", tasks: [{ id: 200 }] })).toBe("unchanged");
    expect(await outcome(source, annotation(3, 3, "delivery", 200))).toBe("ignored: stale");
    expect(await outcome(source, annotation(4, 3, "delivery", 201))).toBe("added");
    expect(await outcome(source, { action: "TASKS_DELETED", tasks: [{ id: 201 }] })).toBe("deleted");
    expect(await outcome(source, annotation(4, 4, "refund", 201))).toBe("ignored: stale");
    expect(await labelsOf("label-studio")).toEqual({});
  });

  it("github-issues orders events by updated_at, and a deleted issue stays deleted", async () => {
    const source = await makeInbox("github", { mapping: undefined as never, preset: "github-issues" });
    const issue = (action: string, minute: number, labels: readonly string[]) => ({
      action,
      issue: {
        id: 1,
        title: "It broke",
        labels: labels.map((name) => ({ name })),
        updated_at: `2026-03-01T10:${String(minute).padStart(2, "0")}:00Z`,
      },
      label: action === "labeled" ? { name: labels.at(-1) } : undefined,
    });
    expect(await outcome(source, issue("unlabeled", 5, []))).toBe("unchanged");
    expect(await outcome(source, issue("labeled", 4, ["bug"]))).toBe("ignored: stale");
    expect(await outcome(source, issue("labeled", 6, ["docs"]))).toBe("added");
    expect(await outcome(source, issue("deleted", 6, ["docs"]))).toBe("deleted");
    expect(await outcome(source, issue("labeled", 6, ["docs"]))).toBe("ignored: stale");
    expect(await labelsOf("github")).toEqual({});
  });

  it("zendesk orders events by their time", async () => {
    const source = await makeInbox("zendesk", { mapping: undefined as never, preset: "zendesk" });
    const tagged = (minute: number, tags: readonly string[], type = "tags_changed") => ({
      type: `zen:event-type:ticket.${type}`,
      time: `2026-03-01T10:${String(minute).padStart(2, "0")}:00.123456789Z`,
      detail: { id: "5158", subject: "Refund", description: "please", tags },
      event: { tags_added: tags, tags_removed: [] },
    });
    expect(await outcome(source, tagged(5, ["billing"]))).toBe("added");
    expect(await outcome(source, tagged(4, ["vip"]))).toBe("ignored: stale");
    expect(await outcome(source, tagged(7, [], "soft_deleted"))).toBe("deleted");
    expect(await outcome(source, tagged(6, ["vip"]))).toBe("ignored: stale");
    expect(await outcome(source, tagged(8, ["restored"]))).toBe("added");
    expect(await labelsOf("zendesk")).toEqual({ 5158: "restored" });
  });
});
