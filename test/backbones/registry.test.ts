// Runs the shared suite for every backbone, and looks backbones up.
import { expect, it } from "vitest";
import { atRevision, identityOf, revisionWith } from "../../src/backbones/backbone.ts";
import {
  addBackboneSource,
  backboneOf,
  findBackbone,
  findBuiltIn,
  listBackbones,
} from "../../src/backbones/registry.ts";
import { type BackboneSample, describeBackbone } from "../suites/backbone.suite.ts";
import { backboneContext, guestBackbone, register } from "../support/guest-backbone.ts";
import { must } from "../support/service.ts";

const texts = ["where is my parcel?", "Wo ist mein Paket?", "包裹在哪里", "🏺", "!!!", "a", "?", "x".repeat(20_000)];
const sampleOfTexts: BackboneSample = { dimension: 0, unitNorm: true, inputs: texts.map((text) => ({ text })) };

/** Samples by backbone id. Every built-in backbone needs one. */
const SAMPLES: Readonly<Record<string, BackboneSample>> = {
  "text-embedded": sampleOfTexts,
  features: {
    dimension: 3,
    unitNorm: false,
    inputs: [
      { features: [1, 2, 3] },
      { features: [0, 0, 0] },
      { features: [-1e38, 1e-45, 3] },
      { features: "AACAPwAAAEAAAAAA" },
    ],
  },
};

/** The part of the API reference that describes a new head. */
interface Reference {
  readonly paths: { readonly "/v1/heads": { readonly post: { readonly requestBody: NewHeadBody } } };
}
interface NewHeadBody {
  readonly content: {
    readonly "application/json": {
      readonly schema: { readonly properties: { readonly backbone: { description: string } } };
    };
  };
}

const context = backboneContext();
const builtIn = (await listBackbones(context)).map(({ id }) => {
  const backbone = findBuiltIn(id, context);
  if (!backbone) throw new Error(`"${id}" is not built in`);
  return backbone;
});

for (const newest of builtIn) {
  for (const backbone of [newest, ...newest.older]) describeBackbone(backbone, SAMPLES[newest.id] as BackboneSample);
}
describeBackbone(guestBackbone("guest"), sampleOfTexts);

it("the registry recognises an older revision by its identity, but neither the newest nor an unknown one", async () => {
  for (const backbone of builtIn) {
    for (const older of backbone.older) {
      expect(atRevision(backbone, older.revision)).toBe(older);
      expect(await revisionWith(backbone, 1_024, await identityOf(older, 1_024))).toBe(older.revision);
    }
    expect(await revisionWith(backbone, 1_024, await identityOf(backbone, 1_024))).toBeNull();
    expect(await revisionWith(backbone, 1_024, "sha256:test")).toBeNull();
  }
});

it("every backbone has an identity of its own", async () => {
  const identities = await Promise.all(builtIn.map((backbone) => identityOf(backbone, 1_024)));
  expect(new Set(identities).size).toBe(builtIn.length);
});

it("the API reference names every built-in backbone where it describes a head's backbone", async () => {
  const { paths } = await must<Reference>("GET", "/openapi.json");
  const { description } = paths["/v1/heads"].post.requestBody.content["application/json"].schema.properties.backbone;
  for (const { id } of builtIn) expect(description).toContain(`\`${id}\``);
});

it("the registry finds an operator's backbone as long as it is registered", async () => {
  const guest = guestBackbone("found-guest");
  const remove = register(guest);
  expect(await backboneOf("found-guest", context)).toBe(guest);
  expect((await listBackbones(context)).map(({ id }) => id)).toEqual(
    [...builtIn.map(({ id }) => id), "found-guest"].sort(),
  );
  remove();
  expect(await findBackbone("found-guest", context)).toBeNull();
  await expect(backboneOf("found-guest", context)).rejects.toMatchObject({ data: { code: "backbone_unavailable" } });
});

it("a built-in backbone takes precedence over an operator's backbone with the same id", async () => {
  const remove = register(guestBackbone("text-embedded"));
  expect(await findBackbone("text-embedded", context)).toBe(findBuiltIn("text-embedded", context));
  expect((await listBackbones(context)).filter(({ id }) => id === "text-embedded")).toMatchObject([
    { revision: findBuiltIn("text-embedded", context)?.revision },
  ]);
  remove();
});

it("the list shows the backbone that a lookup finds if two sources have the same id", async () => {
  const [first, second] = [guestBackbone("twice"), guestBackbone("twice", { revision: "guest-2" })];
  const removes = [register(first), register(second)];
  expect(await findBackbone("twice", context)).toBe(first);
  expect((await listBackbones(context)).filter(({ id }) => id === "twice")).toMatchObject([{ revision: "guest-1" }]);
  for (const remove of removes) remove();
});

it("the list shows the other backbones while a source fails", async () => {
  const list = () => Promise.reject(new Error("unreachable"));
  const removes = [addBackboneSource({ find: async () => null, list }), register(guestBackbone("other-guest"))];
  expect((await listBackbones(context)).map(({ id }) => id)).toEqual(
    [...builtIn.map(({ id }) => id), "other-guest"].sort(),
  );
  for (const remove of removes) remove();
});
