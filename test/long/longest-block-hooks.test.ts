// The payload and the source's mapping decide how long it takes to read, map and apply a delivery. Each step gets its worst input
// here, and must yield to other requests at least every 50 ms. A delivery changes a head in one transaction, which cannot be
// interrupted, so the transaction must be short enough.
import { afterAll, beforeAll, describe, it } from "vitest";
import type { NewSource } from "../../src/contract/sources.ts";
import { pause } from "../journeys/support.ts";
import { postAll } from "../support/posting.ts";
import { type BlockService, json, listOf, startBlockService } from "./block-service.ts";
import type { Sent } from "./block-watch.ts";

/** Deliveries of the source that is listed and deleted. */
const DELIVERIES = 8_000;
const MIB = 1 << 20;
const SECRET = "token-of-the-journeys";
/** Dimensions of heads whose feature blocks hold many rows, and few. */
const [NARROW, WIDE] = [2, 4_096] as const;

let service: BlockService;
const urls = new Map<string, string>();
let made = 0;

const text = { text: "/text", label: "/label" };
const items = { pointer: "/items", each: "/text" } as const;
const conditions = (count: number, place: (i: number) => string) =>
  Object.fromEntries(listOf(count, (i) => [place(i), listOf(50, (j) => `wanted ${i} ${j}`)]));
/** 20 rules of 20 conditions, none of which holds: all are checked. */
const manyRules = listOf(20, (i) => ({
  ...text,
  when: Object.fromEntries(listOf(20, (j) => [`/lists/${(i * 20 + j) % 40}`, `wanted ${i} ${j}`])),
}));
/** Each field checks every condition on every item, at the deepest places. */
const deep = "/d".repeat(30);
const deepField = {
  pointer: "/items",
  where: Object.fromEntries(listOf(20, (i) => [`${deep}${i % 2 ? "/d" : ""}/${i}`, null])),
  each: [...listOf(19, (i) => `${deep}/${i}`), "/text"],
};
const everyField = {
  text: "/text",
  label: deepField,
  id: deepField,
  split: deepField,
  group: deepField,
  order: deepField,
};
const joined = { join: listOf(20, () => "/text"), separator: " " };
const stripped = { ...joined, strip_html: true, lower_case: true, max_chars: 20_000 };

const MAPPINGS: Readonly<Record<string, Partial<NewSource>>> = {
  plain: { mapping: text },
  rules: { mapping: manyRules },
  deletes: { mapping: { ...text, id: "/id", delete_when: listOf(20, (i) => conditions(1, () => `/lists/${i}`)) } },
  deep: { mapping: everyField },
  stripped: { mapping: { text: stripped, label: stripped, id: stripped, group: stripped } },
  cut: { mapping: { text: { ...items, strip_html: true, max_chars: 100 }, label: "/label" } },
  items: { mapping: { text: items, label: "/label", id: { pointer: "/items", each: "/id", optional: true } } },
  studio: { preset: "label-studio" },
  studioRules: { preset: "label-studio", mapping: { when: conditions(20, (i) => `/lists/${i}`) } },
  ordered: {
    mapping: [
      { when: { "/event": "deleted" }, delete_when: {}, id: { pointer: "/items", each: "/id" }, order: "/at" },
      { when: { "/event": "groups" }, delete_when: {}, group: { pointer: "/items", each: "/group" }, order: "/at" },
      {
        text: items,
        label: "/label",
        id: { pointer: "/items", each: "/id" },
        group: { pointer: "/items", each: "/group" },
        order: "/at",
      },
    ],
  },
};

const vectorRule = {
  features: { pointer: "/items", each: "/v" },
  label: "/label",
  id: { pointer: "/items", each: "/id" },
};
const VECTOR_MAPPINGS: Readonly<Record<string, Partial<NewSource>>> = {
  add: { mapping: vectorRule },
  delete: { mapping: { id: { pointer: "/items", each: "/id" }, delete_when: {} } },
};

const TAG_MAPPINGS: Readonly<Record<string, Partial<NewSource>>> = {
  add: { mapping: { text: items, labels: "/labels", id: { pointer: "/items", each: "/id" } } },
  delete: { mapping: { id: { pointer: "/items", each: "/id" }, delete_when: {} } },
};

beforeAll(async () => {
  service = await startBlockService();
  const { client } = service;
  await client.createHead({ id: "text", task: "classification", backbone: "text-embedded" });
  await client.createHead({ id: "narrow", task: "classification", backbone: "features", dimension: NARROW });
  await client.createHead({ id: "wide", task: "classification", backbone: "features", dimension: WIDE });
  await makeSources("text", MAPPINGS);
  await makeSources("narrow", VECTOR_MAPPINGS);
  await makeSources("wide", VECTOR_MAPPINGS);
  await client.createHead({ id: "tags", task: "multilabel", backbone: "text-embedded" });
  await makeSources("tags", TAG_MAPPINGS);
});
afterAll(() => service.stop());

async function makeSources(head: string, mappings: Readonly<Record<string, Partial<NewSource>>>): Promise<void> {
  for (const [name, more] of Object.entries(mappings)) {
    const source = { scheme: "static-token", action: "add", secret: SECRET, ...more } as NewSource;
    urls.set(`${head}/${name}`, (await service.client.createSource(head, source)).url);
  }
}

/** Makes the source of many deliveries if there is none. The source ignores the deliveries and stores their rows. */
async function fillSource(): Promise<void> {
  if (urls.has("text/many")) return;
  await makeSources("text", { many: { mapping: { ...text, when: { "/never": true } } } });
  const path = urls.get("text/many") as string;
  const headers = { Authorization: `Bearer ${SECRET}` };
  await postAll(service.url, { count: DELIVERIES, connections: 8 }, (i) => ({ path, headers, body: `{"i":${i}}` }));
}

async function deleteFilled(): Promise<void> {
  const path = sourcePath("many");
  urls.delete("text/many");
  await service.send(path, { method: "DELETE" });
}

/** Posts a delivery. It must differ from earlier ones, because it would be a duplicate otherwise. */
const post = (source: string, body: string | Uint8Array, head = "text"): Promise<void> =>
  service.send(urls.get(`${head}/${source}`) as string, { method: "POST", key: SECRET, body });
const deliver = (source: string, payload: object, head = "text"): Promise<void> =>
  post(source, JSON.stringify({ made: made++, ...payload }), head);
const rawJson = (inside: string): string => `{"made":${made++},${inside}}`;

const LISTS = { lists: listOf(40, (i) => listOf(1_200, (j) => i * j)) };
const ids = (count: number, from = 0) => listOf(count, (i) => ({ id: `e${from + i}` }));

describe("the service yields at least every 50 ms while it", () => {
  it.each<[string, () => Promise<unknown>, (() => Promise<unknown>)?]>([
    ["reads 50,000 values", () => post("plain", rawJson(`"a":[${"[],".repeat(49_000)}0]`))],
    ["reads too many values", () => post("plain", rawJson(`"a":[${"0,".repeat(500_000)}0]`))],
    ["reads 25,000 fields", () => post("plain", rawJson(listOf(24_000, (i) => `"${"f".repeat(30)}${i}":0`).join()))],
    ["reads 1 MB of escapes", () => post("plain", rawJson(`"a":"${"\\u0041".repeat(170_000)}"`))],
    ["reads 1 MB of backslashes", () => post("plain", rawJson(`"a":"${"\\\\".repeat(500_000)}"`))],
    ["reads 1 MB of quotes", () => post("plain", rawJson(`"a":"${'\\"'.repeat(500_000)}"`))],
    ["reads a number of 1 MB", () => post("plain", rawJson(`"a":${"1".repeat(1_000_000)}`))],
    ["reads 49,000 long numbers", () => post("plain", rawJson(`"a":[${"1.0000000000000000,".repeat(49_000)}0]`))],
    ["reads 1 MB of blanks", () => post("plain", `${" ".repeat(MIB - 100)}${made++}`)],
    ["reads 1 MB that is no JSON", () => post("plain", "a".repeat(MIB))],
    ["reads a form of 50,000 fields", () => post("plain", listOf(49_000, (i) => `f${made++}${i}=a`).join("&"))],
    ["reads a form of one name", () => post("plain", `${"a=b&".repeat(49_000)}c=${made++}`)],
    ["reads a form of 1 MB of one field", () => post("plain", `a=${"%41".repeat(349_000)}&b=${made++}`)],
    ["judges 400 conditions on long lists", () => deliver("rules", LISTS)],
    ["judges 20 sets of conditions on long lists", () => deliver("deletes", LISTS)],
    ["looks for deep places in many items", () => deliver("deep", { items: listOf(1_400, () => nested(30)) })],
    ["looks for 20 places in 2,000 items", () => deliver("deep", { items: listOf(2_000, () => nested(20)) })],
    ["joins and strips 1 MB of tags", () => deliver("stripped", { text: "<a>".repeat(340_000) })],
    ["joins and strips 1 MB of unclosed tags", () => deliver("stripped", { text: "<a ".repeat(340_000) })],
    ["joins and strips 1 MB of entities", () => deliver("stripped", { text: "&lt;".repeat(250_000) })],
    ["joins and strips 1 MB of blanks", () => deliver("stripped", { text: `${"a ".repeat(500_000)}` })],
    [
      "strips 500 texts",
      () => deliver("cut", { label: "l", items: listOf(500, (i) => ({ text: `${i}${"<b>a</b> ".repeat(200)}` })) }),
    ],
    [
      "checks and adds 500 texts",
      () =>
        deliver("items", {
          label: "l",
          items: listOf(500, (i) => ({ text: `word${made}x${i} ${"new ".repeat(400)}` })),
        }),
    ],
    ["adds 500 examples of groups in order", () => deliver("ordered", { label: "l", at: made++, items: ordered(500) })],
    [
      "adds and deletes 1,000 examples in order",
      async () => {
        for (const from of [0, 500]) await deliver("ordered", { label: "l", at: made++, items: ordered(500, from) });
        await deliver("ordered", { event: "deleted", at: made++, items: ids(1_000) });
        await forgotten();
      },
    ],
    [
      "deletes 1,000 groups",
      async () => {
        for (const from of [0, 500]) await deliver("ordered", { label: "l", at: made++, items: ordered(500, from) });
        await deliver("ordered", { event: "groups", at: made++, items: listOf(1_000, (i) => ({ group: `g${i}` })) });
      },
    ],
    ["deletes 1,000 of the narrowest vectors", () => addAndDelete("narrow", NARROW)],
    ["deletes 1,000 of the widest vectors", () => addAndDelete("wide", WIDE)],
    ["splits a bulk event of 25,000 annotations", () => deliver("studio", bulk(12_000, { more: fields(12_000) }))],
    ["splits a bulk event of many fields", () => deliver("studio", bulk(500, fields(20_000)))],
    [
      "splits a bulk event beside a long text",
      () => deliver("studio", bulk(500, { task: studioTask(`${made} ${"t".repeat(19_000)}`) })),
    ],
    ["judges conditions of every annotation", () => deliver("studioRules", bulk(500, LISTS_OF_STUDIO))],
    ["adds 500 examples of 20 labels", () => deliver("add", { items: tagged(500), labels: tags(20) }, "tags")],
    ["refuses 500 examples of 1,000 labels", () => deliver("add", { items: tagged(500), labels: tags(1_000) }, "tags")],
    [
      "deletes 1,000 examples of 10 labels",
      async () => {
        for (const from of [0, 500]) await deliver("add", { items: tagged(500, from), labels: tags(10) }, "tags");
        await deliver("delete", { items: ids(1_000) }, "tags");
        await forgotten();
      },
    ],
    ["deletes 100 of the longest texts", deleteLongTexts],
    ["tries 400 conditions on long lists", () => tryOut("rules", LISTS)],
    ["tries a megabyte of tags", () => tryOut("stripped", { text: "<a>".repeat(340_000) })],
    ["tries 50,000 values", () => tryOut("plain", { a: new Array(48_000).fill([]) })],
    [
      "tries a bulk event beside a long text",
      () => tryOut("studio", bulk(500, { task: studioTask(`${made} ${"t".repeat(19_000)}`) })),
    ],
    ["tries 500 deletions", () => tryOut("ordered", { event: "deleted", at: made++, items: ids(1_000) })],
    [
      "looks for deliveries that failed among many",
      () => service.send(`${sourcePath("many")}/deliveries?outcome=rejected`),
      fillSource,
    ],
    ["deletes a source of many deliveries", deleteFilled, fillSource],
  ])("%s", async (name, work, prepare) => {
    await service.watch.expectShort(name, work, prepare);
  });
});

function nested(levels: number): object {
  let value: object = { a: 1 };
  for (let i = 0; i < levels; i++) value = { d: value };
  return value;
}

const ordered = (count: number, from = 0) =>
  listOf(count, (i) => ({ id: `e${from + i}`, group: `g${from + i}`, text: `text ${made} ${from + i}` }));

const LISTS_OF_STUDIO = { lists: listOf(20, () => listOf(1_500, (j) => `${j}`)) };
const fields = (count: number): object => Object.fromEntries(listOf(count, (i) => [`field ${i}`, i]));
const studioTask = (of: string) => [{ id: 1, data: { text: of } }];
const result = [{ from_name: "topic", value: { choices: ["billing"] } }];
const bulk = (count: number, more: object) => ({
  action: "ANNOTATIONS_CREATED",
  task: studioTask("a text"),
  annotation: listOf(count, (i) => (count > 1_000 ? {} : { id: i, task: 1, result })),
  ...more,
});

async function addAndDelete(head: string, dims: number): Promise<void> {
  const rows = listOf(1_000, (i) => {
    const vector = Float32Array.from({ length: dims }, (_, d) => Math.sin(made + i * dims + d));
    return `{"id":"e${i}","features":"${Buffer.from(vector.buffer).toString("base64")}","label":"l"}`;
  });
  made++;
  await service.send(`/v1/heads/${head}/examples`, ndjson(rows));
  await deliver("delete", { items: ids(1_000) }, head);
  await forgotten();
}

/** Waits only until an alarm has deleted the inputs of deleted examples, because each second brings a garbage collection. */
const forgotten = (): Promise<void> => pause(1_300);

const tags = (count: number) => listOf(count, (i) => `tag ${i}`);
const tagged = (count: number, from = 0) =>
  listOf(count, (i) => ({ id: `t${from + i}`, text: `text ${made} ${from + i}` }));

async function deleteLongTexts(): Promise<void> {
  const rows = listOf(100, (i) => `{"id":"e${i}","label":"l","text":"${made++}${" word".repeat(3_990)}"}`);
  await service.send("/v1/heads/text/examples", ndjson(rows));
  await deliver("ordered", { event: "deleted", at: made++, items: ids(100) });
  await forgotten();
}

const ndjson = (rows: readonly string[]): Sent => ({
  method: "POST",
  type: "application/x-ndjson",
  body: rows.join("\n"),
});

function sourcePath(name: string): string {
  const url = urls.get(`text/${name}`);
  if (url === undefined) throw new Error(`There is no source "${name}" left`);
  return `/v1/heads/text/sources/${url.split("/").at(-1)}`;
}

const tryOut = (name: string, payload: object): Promise<void> =>
  service.send(`${sourcePath(name)}/test`, json({ payload: { made: made++, ...payload } }));
