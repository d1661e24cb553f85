// Imported versions: promoted by hand, replaced by trainings, never the base of an update, and only for the same kind of head.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView, NewHead } from "../../src/contract/heads.ts";
import type { JobEvent } from "../../src/contract/jobs.ts";
import type { LabelIssuesPage } from "../../src/contract/label-issues.ts";
import type { Classified } from "../../src/contract/predict.ts";
import type { Verification, VersionView } from "../../src/contract/versions.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import {
  call,
  corners,
  makeHead,
  makeTenant,
  makeTrainedHead,
  must,
  type ProblemBody,
  train,
  upload,
} from "../support/service.ts";
import { exportFile, importFile, type JsonFile, parsed } from "../support/version-files.ts";

let key = "";
let file: JsonFile;
let bytes: Uint8Array;
beforeAll(async () => {
  key = (await makeTenant("imports")).key;
  await makeTrainedHead(key, "origin");
  bytes = await exportFile(key, "origin", 1, "json");
  file = parsed(bytes);
});

const promote = (head: string, version: number) =>
  must<VersionView>("POST", `/v1/heads/${head}/versions/${version}/promote`, { key });
const showHead = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const predict = async (head: string, features: readonly number[]) => {
  const body = { inputs: [{ features }], coverage: 0.9 };
  return (await must<{ predictions: Classified[] }>("POST", `/v1/heads/${head}/predict`, { key, body })).predictions[0];
};
const messagesOf = async (head: string, job: string): Promise<unknown[]> =>
  (await must<Page<JobEvent>>("GET", `/v1/heads/${head}/jobs/${job}/events`, { key })).data
    .filter(({ type }) => type === "message")
    .map(({ data }) => data.text);
/** A head with a live imported version, and its own examples. */
async function makeImported(head: string): Promise<void> {
  await makeHead(key, head);
  await upload(key, head, corners());
  await importFile(key, head, "json", bytes);
  await promote(head, 1);
}

describe("an imported version", () => {
  it("answers for a head without examples as soon as it is promoted", async () => {
    await makeHead(key, "empty");
    expect((await importFile(key, "empty", "json", bytes)).status).toBe(201);
    expectProblem(
      await call("POST", "/v1/heads/empty/predict", { key, body: { inputs: [{ features: [1, 1] }] } }),
      409,
      "no_live_version",
    );
    expect(await promote("empty", 1)).toMatchObject({ version: 1, live: true, job: null, recipe: { name: "import" } });
    expect(await predict("empty", [0.3, -0.1])).toEqual(await predict("origin", [0.3, -0.1]));
  });

  it("may have labels as long as uploads accept, even in characters beyond the basic plane", async () => {
    const long = (face: string): string => face.repeat(LIMITS.labelChars);
    const rows = corners().map(({ features, label }) => ({ features, label: long(label === "north" ? "😀" : "😢") }));
    await makeHead(key, "long-labels");
    expect(await upload(key, "long-labels", rows)).toMatchObject({ rejected: [] });
    await train(key, "long-labels");
    for (const format of ["json", "safetensors"] as const) {
      await makeHead(key, `long-labels-${format}`);
      const exported = await exportFile(key, "long-labels", 1, format);
      expect((await importFile(key, `long-labels-${format}`, format, exported)).status).toBe(201);
    }
  });

  it("is created once, however often and in whichever format its weights are imported", async () => {
    await makeHead(key, "once");
    const safetensors = await exportFile(key, "origin", 1, "safetensors");
    const first = await importFile(key, "once", "safetensors", safetensors);
    const again = [
      await importFile(key, "once", "json", bytes),
      await importFile(key, "once", "safetensors", safetensors),
    ];
    expect([first.status, ...again.map(({ status }) => status)]).toEqual([201, 200, 200]);
    for (const { body } of again) expect(body).toEqual(first.body);
    const ownExport = await exportFile(key, "once", 1, "json");
    expect((await importFile(key, "once", "json", ownExport)).body.version).toBe(1);
    expect((await must<Page<VersionView>>("GET", "/v1/heads/once/versions", { key })).data).toHaveLength(1);
  });

  it("is replaced by a better version that is trained here, compared by the metrics of each", async () => {
    const { metrics, ...version } = file.version as unknown as { metrics: { validation: object } };
    const worse = { ...metrics, validation: { ...metrics.validation, log_loss: 9 } };
    await makeHead(key, "gives-way");
    await upload(key, "gives-way", corners());
    await importFile(key, "gives-way", "json", JSON.stringify({ ...file, version: { ...version, metrics: worse } }));
    await promote("gives-way", 1);
    await train(key, "gives-way", { promote: "if_better" });
    expect((await showHead("gives-way")).live).toBe(2);
  });

  it("is not the base of an update, which begins from scratch and gives the reason", async () => {
    await makeImported("updated");
    const { id, version } = await train(key, "updated", { recipe: "update" });
    expect(version).toBe(2);
    expect(await messagesOf("updated", id)).toContain("trained from scratch: the live version was imported");
  });

  it("cannot be verified, and the verdict says so without a job", async () => {
    await makeImported("verified");
    const { status, body } = await call<Verification>("POST", "/v1/heads/verified/versions/1/verify", { key });
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 1, same: null, reason: "imported" });
    expect((await must<Page<unknown>>("GET", "/v1/heads/verified/jobs", { key })).data).toEqual([]);
  });

  it("does not hide the label issues of the newest training", async () => {
    await makeTrainedHead(key, "doubted");
    const read = () => must<LabelIssuesPage>("GET", "/v1/heads/doubted/label-issues", { key });
    const before = await read();
    await importFile(key, "doubted", "json", bytes);
    expect(before.version).toBe(1);
    expect(await read()).toEqual(before);
  });
});

describe("the import of a version file", () => {
  const MORE: readonly (readonly [string, string, Partial<NewHead>])[] = [
    ["of another task", "/task", { task: "multilabel" }],
    ["of another dimension", "/backbone", { dimension: 3 }],
    ["of another backbone", "/backbone", { backbone: "text-embedded" }],
    ["with other fixed labels", "/labels", { labels: ["north", "east"] }],
  ];
  it.each(MORE)("is refused without a new version by a head %s", async (name, pointer, more) => {
    const head = name.replaceAll(" ", "-");
    await makeHead(key, head, more);
    const answer = await importFile<ProblemBody>(key, head, "json", bytes);
    expectProblem(answer, 409, "head_mismatch");
    expect(answer.body.errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect((await must<Page<unknown>>("GET", `/v1/heads/${head}/versions`, { key })).data).toEqual([]);
  });

  it("succeeds if the head has more fixed labels than the file", async () => {
    await makeHead(key, "more-labels", { labels: ["east", "south", "north"] });
    expect((await importFile(key, "more-labels", "json", bytes)).status).toBe(201);
  });
});
