// Heads on a backbone that the operator registered, and what they can still do once it is not registered any more.
import { beforeAll, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.ts";
import { textEmbedded } from "../../src/backbones/text-embedded.ts";
import type { BackboneView } from "../../src/contract/backbones.ts";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { TextInput } from "../../src/contract/inputs/text.ts";
import type { Predictions } from "../../src/contract/predict.ts";
import { guestBackbone, register } from "../support/guest-backbone.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, makeTextHead, must, send, textOf, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("operator-backbones")).key;
});

const ROWS = Array.from({ length: 40 }, (_, i) => ({
  text: `${i % 2 === 0 ? "sunny warm beach" : "snowy cold mountain"} ${i}`,
  label: i % 2 === 0 ? "summer" : "winter",
}));
const INPUTS = { inputs: [{ text: "a warm beach" }, { text: "cold snow" }] };
const predict = <T = Predictions>(head: string) => call<T>("POST", `/v1/heads/${head}/predict`, { key, body: INPUTS });

it("heads on an operator's backbone are listed, trained and asked like heads on a built-in backbone", async () => {
  const remove = register(guestBackbone("guest-listed"));
  const { data } = await must<Page<BackboneView>>("GET", "/v1/backbones", { key });
  const ids = data.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(data.find(({ id }) => id === "guest-listed")).toMatchObject({ state: "ready", shape: "vector" });
  await makeHead(key, "guest", { backbone: "guest-listed" });
  await makeTextHead(key, "built-in");
  for (const head of ["guest", "built-in"]) {
    expect(await upload(key, head, ROWS)).toMatchObject({ added: 40, features: { computed: 40, pending: 0 } });
    await train(key, head);
  }
  const [guest, builtIn] = [await predict("guest"), await predict("built-in")];
  expect(guest.body.predictions).toEqual(builtIn.body.predictions);
  remove();
});

describe("a backbone that returns too few numbers", () => {
  it("makes predictions and uploads fail, so that no input gets the features of another input", async () => {
    let isShort = false;
    const embed: Backbone["embed"] = async (inputs, dimension, turns) => {
      const { values, tokens } = await textEmbedded.embed(inputs as TextInput[], dimension, turns);
      return { values: isShort ? values.subarray(dimension) : values, tokens };
    };
    const remove = register(guestBackbone("guest-short", { embed }));
    await makeHead(key, "short", { backbone: "guest-short" });
    await upload(key, "short", ROWS);
    await train(key, "short");
    isShort = true;
    expectProblem(await predict("short"), 500, "internal");
    const rows = ROWS.map(({ text, label }) => ({ text: `${text} again`, label }));
    const uploaded = await call("POST", "/v1/heads/short/examples", { key, body: { examples: rows } });
    expectProblem(uploaded, 500, "internal");
    remove();
  });
});

describe("the creation of a head", () => {
  it("is refused for an unknown backbone, with the names of those that exist", async () => {
    const body = { id: "nobody", task: "classification", backbone: "constructor" };
    const problem = await call("POST", "/v1/heads", { key, body });
    expectProblem(problem, 400, "invalid_request");
    const detail = expect.stringMatching(/^must be one of "features", .*"text-embedded"/);
    expect(problem.body.errors).toEqual([{ pointer: "/backbone", detail }]);
  });

  it("is refused for a backbone that gives a vector for each token, because a head cannot store these", async () => {
    const remove = register(guestBackbone("guest-tokens", { shape: "tokens" }));
    const body = { id: "tokens", task: "classification", backbone: "guest-tokens" };
    expectProblem(await call("POST", "/v1/heads", { key, body }), 400, "invalid_request");
    remove();
  });
});

describe("a head whose backbone is not registered any more", () => {
  beforeAll(async () => {
    const remove = register(guestBackbone("guest-removed"));
    await makeHead(key, "orphan", { backbone: "guest-removed" });
    await upload(key, "orphan", ROWS);
    await train(key, "orphan");
    remove();
  });

  it("can be shown and exported", async () => {
    const head = await must<HeadView>("GET", "/v1/heads/orphan", { key });
    expect(head).toMatchObject({ backbone: { id: "guest-removed" }, examples: { total: 40 }, live: 1 });
    const exported = await send("GET", "/v1/heads/orphan/examples/export?features=true", { key });
    expect((await textOf(exported)).trim().split("\n")).toHaveLength(40);
    expect((await send("GET", "/v1/heads/orphan/versions/1/export?format=json", { key })).status).toBe(200);
  });

  it("answers backbone_unavailable if an input must be embedded or read", async () => {
    expectProblem(await predict("orphan"), 503, "backbone_unavailable");
    const body = { examples: ROWS };
    const uploaded = await call("POST", "/v1/heads/orphan/examples", { key, body });
    expectProblem(uploaded, 503, "backbone_unavailable");
    expect(uploaded.body.detail).toContain('"guest-removed" is not registered');
  });

  it("lets its examples be relabelled and deleted", async () => {
    const { data } = await must<Page<{ id: string }>>("GET", "/v1/heads/orphan/examples?limit=1", { key });
    const example = `/v1/heads/orphan/examples/${data[0]?.id}`;
    expect((await call("PATCH", example, { key, body: { label: "winter" } })).status).toBe(200);
    expect((await send("DELETE", example, { key })).status).toBe(204);
    expect((await send("DELETE", "/v1/heads/orphan", { key })).status).toBe(204);
  });
});
