// How much one delivery may change, and how much of it the answer to a dry run shows.
import { beforeAll, expect, it } from "vitest";
import type { DryRunResult } from "../../src/contract/dry-run.ts";
import type { CreatedSource } from "../../src/contract/sources.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { call, makeHead, makeTenant, makeTextHead, must } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

let key: string;
beforeAll(async () => {
  ({ key } = await makeTenant("hook-limits"));
});

const listOf = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const tryOut = (head: string, { id }: CreatedSource, payload: unknown): Promise<DryRunResult> =>
  must("POST", `/v1/heads/${head}/sources/${id}/test`, { key, body: { payload } });

it("a delivery is refused if it removes more labels than one transaction can", async () => {
  await makeHead(key, "tags", { task: "multilabel", backbone: "text-embedded" });
  const labels = listOf(60, (i) => `tag ${i}`);
  const examples = listOf(200, (i) => ({ id: `${i}`, text: `text ${i}`, labels }));
  await must("POST", "/v1/heads/tags/examples", { key, body: { examples } });
  const mapping = { id: { pointer: "/ids", each: "" }, delete_when: {} };
  const source = await makeSource(key, "tags", { scheme: "standard-webhooks", action: "add", mapping });
  const all = { ids: listOf(200, String) };
  const refused = await deliver<unknown>(source, all);
  expect([refused.status, refused.body]).toMatchObject([422, { reason: "too_many_label_changes" }]);
  expect(await tryOut("tags", source, all)).toMatchObject({
    outcome: "rejected",
    reason: { code: "too_many_label_changes" },
  });
  expect((await deliver(source, { ids: listOf(160, String) })).body).toMatchObject({
    outcome: "deleted",
    deleted: 160,
  });
  expect((await deliver(source, all)).body).toMatchObject({ outcome: "deleted", deleted: 40 });
});

it("a dry run shows the first examples of a payload if many of them share a long text", async () => {
  await makeTextHead(key, "long");
  const source = await makeSource(key, "long", {
    scheme: "standard-webhooks",
    action: "add",
    preset: "label-studio",
  });
  const bulk = (count: number, chars: number) => ({
    action: "ANNOTATIONS_CREATED",
    task: [{ id: 1, data: { text: "t".repeat(chars) } }],
    annotation: listOf(count, (id) => {
      return { id, task: 1, result: [{ from_name: "topic", value: { choices: ["a"] } }] };
    }),
  });
  const tried = await tryOut("long", source, bulk(300, 19_000));
  expect(tried).toMatchObject({ outcome: "added", changes: { added: 300 } });
  expect(tried.examples).toHaveLength(Math.floor(LIMITS.dryRunExampleChars / 19_000));
  const refused = await tryOut("long", source, bulk(300, 900_000));
  expect([refused.outcome, refused.examples.length]).toEqual(["rejected", 2]);
  expect((await tryOut("long", source, bulk(300, 10))).examples).toHaveLength(300);
});

it("a dry run is answered with not_found if its head is deleted in the meantime", async () => {
  await makeTextHead(key, "gone");
  const mapping = { text: { pointer: "/items", each: "/text" }, label: { constant: "l" } };
  const source = await makeSource(key, "gone", { scheme: "standard-webhooks", action: "add", mapping });
  const payload = { items: listOf(500, (i) => ({ text: `${i} ${"word ".repeat(300)}` })) };
  const dryRun = call<{ code: string }>("POST", `/v1/heads/gone/sources/${source.id}/test`, { key, body: { payload } });
  await must("DELETE", "/v1/heads/gone", { key });
  const { status, body } = await dryRun;
  expect([200, 404]).toContain(status);
  if (status === 404) expect(body.code).toBe("not_found");
});
