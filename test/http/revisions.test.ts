// A new revision of the text backbone: versions keep the features that they were trained on, the head's features are
// computed again, and the next training uses the new ones, even if it is interrupted at any point.
import { beforeAll, describe, expect, it } from "vitest";
import { identityOf } from "../../src/backbones/backbone.ts";
import { textEmbedded } from "../../src/backbones/text-embedded.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import { inputOfText } from "../../src/contract/inputs/text.ts";
import type { JobEvent } from "../../src/contract/jobs.ts";
import type { Prediction, Predictions } from "../../src/contract/predict.ts";
import type { Verification, VersionView } from "../../src/contract/versions.ts";
import { unwrap } from "../../src/core/problems.ts";
import { readyHead } from "../../src/engine/heads/ready-head.ts";
import { decodeTrainedHead } from "../../src/engine/heads/trained-head.ts";
import { scoreRows } from "../../src/serving/answer.ts";
import {
  DIMENSION,
  featuresOfRevision3,
  identityOfRevision3,
  type Labelled,
  makeOlderHead,
  makeOutdated,
  type OlderHead,
  replaceService,
  untilRefreshed,
} from "../support/older-heads.ts";
import {
  call,
  makeTenant,
  makeTextHead,
  must,
  type ProblemBody,
  send,
  textOf,
  train,
  upload,
} from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

const TENANT = "revisions";
let key = "";
beforeAll(async () => {
  key = (await makeTenant(TENANT)).key;
});

const hidden = (text: string): string => [...text].join("\u200b");
const SPAM = ["free money now", "win a prize today", "cheap pills here"];
const HAM = ["where is my parcel", "the mug came broken", "please cancel my order"];
/** 150 texts in three blocks. Every fifth text has invisible characters in its words. */
const ROWS: readonly Labelled[] = Array.from({ length: 150 }, (_, i) => {
  const [label, texts] = i % 2 ? ["ham", HAM] : ["spam", SPAM];
  const text = `${texts[i % 3]} number ${i}`;
  return { label: label as string, text: i % 5 === 0 ? hidden(text) : text };
});
/** A text that the old revision stored as a text, and that is now refused because it has no visible character. */
const INVISIBLE: Labelled = { label: "spam", text: "\u200b\u2060" };
const ASKED = ["free money", hidden("free money"), "my parcel", hidden("my parcel")];

const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const versionOf = (head: string, version: number) =>
  must<VersionView>("GET", `/v1/heads/${head}/versions/${version}`, { key });
const verify = (head: string, version: number) =>
  must<Verification>("POST", `/v1/heads/${head}/versions/${version}/verify`, { key });
const ask = (head: string, more: object = {}) =>
  must<Predictions>("POST", `/v1/heads/${head}/predict`, {
    key,
    body: { inputs: ASKED.map((text) => ({ text })), ...more },
  });

/** The answers of a version on features of the old revision. */
async function answersBefore({ rpc }: OlderHead, version: number): Promise<Prediction[]> {
  const { head } = unwrap(await rpc.readVersion(version));
  return scoreRows(readyHead(decodeTrainedHead(head)), await featuresOfRevision3(ASKED), {});
}

/** A head that an older service created and trained, after this service has replaced that one. */
async function replaced(id: string, rows: readonly Labelled[] = ROWS): Promise<OlderHead> {
  const head = await makeOlderHead(TENANT, id, rows);
  await head.runJob({ id: `job_${id}` });
  await replaceService(head);
  return head;
}

/** The digest of a training on the same rows in a head that only knows the newest revision. */
async function digestOfNew(id: string, rows: readonly Labelled[]): Promise<string> {
  await makeTextHead(key, id);
  await upload(key, id, rows);
  await train(key, id, { recipe: "linear", seed: 1, promote: "always" });
  return (await versionOf(id, 1)).digest;
}

async function trainAgain({ id }: OlderHead): Promise<VersionView> {
  const { version } = await train(key, id, { recipe: "linear", seed: 1, promote: "always" });
  return versionOf(id, version as number);
}

describe("a head whose service introduces a new revision of its backbone", () => {
  it("answers with its versions as before, bit for bit, and shows the revision of their features", async () => {
    const head = await replaced("answers");
    const { predictions, version } = await ask("answers");
    expect(version).toBe(1);
    expect(predictions).toEqual(await answersBefore(head, 1));
    expect((await versionOf("answers", 1)).backbone.identity).toBe(await identityOfRevision3());
    expect(await ask("answers", { version: 1, consistency: "strong" })).toMatchObject({ predictions });
  });

  it("has the new identity at once, and counts the inputs that still have to be embedded", async () => {
    const head = await replaced("counts");
    const { backbone, examples } = unwrap(await head.rpc.describe());
    expect(backbone.identity).toBe(await identityOf(textEmbedded, DIMENSION));
    expect(examples.total).toBe(ROWS.length);
    await untilRefreshed(head);
    expect((await show("counts")).examples.pending).toBe(0);
    const left = await head.inStorage(({ sql }) => sql.exec("SELECT * FROM outdated_blocks").toArray());
    expect(left).toEqual([]);
  });

  it("learns next what a new head learns, and recognises hidden words from then on", async () => {
    const head = await replaced("learns");
    const version = await trainAgain(head);
    expect(version.backbone.identity).toBe(await identityOf(textEmbedded, DIMENSION));
    expect(version.digest).toBe(await digestOfNew("learns-new", ROWS));
    const [plain, hiddenAnswer] = (await ask("learns")).predictions;
    expect(hiddenAnswer).toEqual(plain);
  });

  it("verifies an old version on old features, whether they are stored or computed again", async () => {
    const head = await replaced("verifies");
    expect(await verify("verifies", 1)).toMatchObject({ same: true });
    await untilRefreshed(head);
    expect(await verify("verifies", 1)).toMatchObject({ same: true });
    await makeOutdated(head, [2]);
    expect(await verify("verifies", 1)).toMatchObject({ same: true });
    await trainAgain(head);
    expect(await verify("verifies", 2)).toMatchObject({ same: true });
    expect(await verify("verifies", 1)).toMatchObject({ same: true });
  });

  it("refuses to verify an old version once the head keeps no inputs, and fails a job that was already queued", async () => {
    const head = await replaced("unkept");
    await untilRefreshed(head);
    await head.inStorage(({ sql }) => {
      sql.exec(`INSERT INTO meta VALUES ('inputs', '{"keep":false,"dropping":false}')`);
      sql.exec("UPDATE inputs SET text = NULL");
    });
    const path = "/v1/heads/unkept/versions/1/verify";
    const refused = await call<ProblemBody>("POST", path, { key });
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("keep_inputs") } });
    const job = await head.runJob({ id: "job_queued", verify: 1 });
    expect(job).toMatchObject({ status: "failed", error: { code: "conflict" } });
  });

  it("begins an update of an old version from scratch, and gives the reason", async () => {
    const head = await replaced("update");
    const job = await train(key, "update", { recipe: "update", promote: "always" });
    expect((await versionOf("update", 2)).recipe.base).toBeUndefined();
    const events = unwrap(await head.rpc.listJobEvents(job.id, {})).data as readonly JobEvent[];
    expect(JSON.stringify(events)).toContain("older revision of the backbone");
  });

  it("answers each caller with the features of its version of a split, and scores the shadow with its own features", async () => {
    const head = await replaced("split");
    await trainAgain(head);
    const byVersion = { 1: await answersBefore(head, 1), 2: (await ask("split", { version: 2 })).predictions };
    expect(byVersion[2]).not.toEqual(byVersion[1]);
    const share = (version: number) => ({ version, weight: 1 });
    await must("PUT", "/v1/heads/split/traffic", { key, body: { split: [share(1), share(2)] } });
    const met = new Set<number>();
    for (let i = 0; i < 12; i++) {
      const { version, predictions } = await ask("split", { key: `caller ${i}` });
      expect(predictions).toEqual(byVersion[version as 1 | 2]);
      met.add(version);
      for (const text of ASKED) {
        const body = { inputs: [{ text: `${text} ${i}` }] };
        const first = await must<Predictions>("POST", "/v1/heads/split/predict", { key, body });
        const again = { ...body, version: first.version };
        expect((await must<Predictions>("POST", "/v1/heads/split/predict", { key, body: again })).predictions).toEqual(
          first.predictions,
        );
      }
    }
    expect([...met].sort()).toEqual([1, 2]);
    await must("PUT", "/v1/heads/split/traffic", { key, body: { split: [share(2)], shadow: 1 } });
    expect((await ask("split")).predictions).toEqual(byVersion[2]);
  });

  it("exports an old version to a file whose import gives the same answers", async () => {
    const head = await replaced("files");
    const expected = await answersBefore(head, 1);
    const file = await textOf(await send("GET", "/v1/heads/files/versions/1/export?format=json", { key }));
    await makeTextHead(key, "files-new");
    const headers = { "Content-Type": "application/json" };
    const imported = await call<VersionView>("POST", "/v1/heads/files-new/versions/import", {
      key,
      body: file,
      headers,
    });
    expect(imported.status).toBe(201);
    await must("POST", "/v1/heads/files-new/versions/1/promote", { key });
    expect((await ask("files-new")).predictions).toEqual(expected);
  });
});

describe("features of the new revision", () => {
  it("are exported for all examples, although only some are stored so far", async () => {
    const head = await replaced("exports", [...ROWS, INVISIBLE]);
    await untilRefreshed(head);
    await makeOutdated(head, [1, 3]);
    const response = await send("GET", "/v1/heads/exports/examples/export?features=true", { key });
    const lines = (await textOf(response)).trim().split("\n");
    const exported = lines.map((line) => JSON.parse(line) as { text: string; features: number[] });
    expect(exported).toHaveLength(ROWS.length + 1);
    const { values } = await textEmbedded.embed(
      exported.map(({ text }) => inputOfText(text)),
      DIMENSION,
    );
    expect(exported.flatMap(({ features }) => features)).toEqual([...values]);
  });

  it("are completed after a kill, together with new examples and deletions", async () => {
    const head = await replaced("killed");
    await untilRefreshed(head);
    await makeOutdated(head, [1, 2, 3]);
    await head.inStorage(({ sql }) => sql.exec("INSERT OR REPLACE INTO alarms VALUES ('refresh', 1)"));
    await head.restart();
    const more = [0, 1, 2].map((i) => ({ label: "ham", text: hidden(`late parcel ${i}`) }));
    await upload(key, "killed", more);
    const { data } = unwrap(await head.rpc.listExamples({ limit: 200 }));
    const gone = data.filter((_, i) => i % 7 === 3 && i < ROWS.length).map(({ id, text }) => ({ id, text }));
    for (const { id } of gone) await must("DELETE", `/v1/heads/killed/examples/${id}`, { key });
    await head.restart();
    const kept = ROWS.filter(({ text }) => !gone.some((one) => one.text === text));
    expect((await trainAgain(head)).digest).toBe(await digestOfNew("killed-new", [...kept, ...more]));
  });

  it("share no block with features of the old revision, so that a training reads each correctly", async () => {
    const head = await replaced("blocks");
    await untilRefreshed(head);
    await makeOutdated(head, [3]);
    const text = hidden("a late one");
    await upload(key, "blocks", [{ label: "ham", text }]);
    const places = await head.inStorage(({ sql }) =>
      sql.exec<{ block: number }>("SELECT block FROM inputs WHERE text = ?", text).toArray(),
    );
    expect(places).toEqual([{ block: 4 }]);
    const version = await trainAgain(head);
    expect(version.digest).toBe(await digestOfNew("blocks-new", [...ROWS, { label: "ham", text }]));
  });

  it("are not used by a job that has already read its rows, and its version has the old revision", async () => {
    const head = await makeOlderHead(TENANT, "under-way", ROWS);
    const alone = await makeOlderHead(TENANT, "under-way-alone", ROWS);
    await alone.runJob({ id: "job_1", recipe: "auto" });
    // The service is replaced after the rows were read and a checkpoint was written.
    unwrap(await head.rpc.startJob({ id: "job_1", recipe: "auto", seed: 1, options: {}, promote: "always" }));
    const hasCheckpoint = () =>
      head.inStorage(({ sql }) => sql.exec("SELECT 1 FROM meta WHERE key = 'checkpoint'").toArray().length > 0);
    while (!(await hasCheckpoint())) {
      expect(unwrap(await head.rpc.getJob("job_1")).status).not.toBe("succeeded");
      await scheduler.wait(0);
    }
    await replaceService(head);
    expect((await head.ended("job_1")).status).toBe("succeeded");
    const [one, other] = await Promise.all([versionOf("under-way", 1), versionOf("under-way-alone", 1)]);
    expect(one).toMatchObject({ digest: other.digest, backbone: { identity: await identityOfRevision3() } });
    expect((await ask("under-way")).predictions).toEqual(await answersBefore(head, 1));
    expect(await verify("under-way", 1)).toMatchObject({ same: true });
  });
});

describe("a text without visible characters", () => {
  const nothing = "\u200b\u00ad \u2060\u202e\u3164\ufe0f\u{e0020}";

  it("is refused like an empty one by predictions, uploads and feedback", async () => {
    await replaced("refuses");
    const { body } = await call<Predictions>("POST", "/v1/heads/refuses/predict", {
      key,
      body: { inputs: [{ text: nothing }, { text: "seen" }] },
    });
    expect(body.predictions[0]).toEqual({ error: { code: "invalid_input", detail: "text is empty" } });
    expect(body.predictions[1]).toHaveProperty("label");
    const uploaded = await call("POST", "/v1/heads/refuses/examples", {
      key,
      body: {
        examples: [
          { text: nothing, label: "spam" },
          { text: "seen", label: "ham" },
        ],
      },
    });
    expect(uploaded.body).toMatchObject({
      added: 1,
      rejected: [{ index: 0, code: "invalid_input", pointer: "/text" }],
    });
    const feedback = await call("POST", "/v1/heads/refuses/feedback", {
      key,
      body: { input: { text: nothing }, label: "spam" },
    });
    expect(feedback).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("is refused from webhooks, and the delivery is stored with the reason", async () => {
    await makeTextHead(key, "hooked");
    const mapping = { text: "/text", label: "/label" };
    const source = await makeSource(key, "hooked", { scheme: "standard-webhooks", action: "add", mapping });
    const answer = await deliver<ProblemBody>(source, { text: nothing, label: "spam" });
    expect(answer).toMatchObject({ status: 422, body: { code: "delivery_rejected" } });
    expect(answer.body.detail).toContain("text is empty");
  });
});
