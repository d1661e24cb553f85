// Runs the shared suite for every backbone. A new id does not compile until its sample is added here.
import { expect, it } from "vitest";
import { identityOf } from "../../src/backbones/backbone.ts";
import { BACKBONE_BY_ID, OLDER_REVISIONS, olderBackbone, olderRevisionOf } from "../../src/backbones/registry.ts";
import { BACKBONES, type BackboneId } from "../../src/contract/backbones.ts";
import { type BackboneSample, describeBackbone } from "../suites/backbone.suite.ts";

const texts = ["where is my parcel?", "Wo ist mein Paket?", "包裹在哪里", "🏺", "!!!", "a", "?", "x".repeat(20_000)];

const SAMPLES: Readonly<Record<BackboneId, BackboneSample>> = {
  "text-embedded": { dimension: 0, unitNorm: true, inputs: texts.map((text) => ({ text })) },
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

for (const id of BACKBONES) {
  for (const backbone of [BACKBONE_BY_ID[id], ...OLDER_REVISIONS[id]]) describeBackbone(backbone, SAMPLES[id]);
}

it("recognises an older revision by its identity, but neither the newest nor an unknown one", async () => {
  for (const id of BACKBONES) {
    for (const older of OLDER_REVISIONS[id]) {
      expect(olderBackbone(id, older.revision)).toBe(older);
      expect(await olderRevisionOf(id, 1_024, await identityOf(older, 1_024))).toBe(older.revision);
    }
    expect(await olderRevisionOf(id, 1_024, await identityOf(BACKBONE_BY_ID[id], 1_024))).toBeNull();
    expect(await olderRevisionOf(id, 1_024, "sha256:test")).toBeNull();
  }
});

it("gives every backbone another identity", async () => {
  const identities = await Promise.all(Object.values(BACKBONE_BY_ID).map((backbone) => identityOf(backbone, 1_024)));
  expect(new Set(identities).size).toBe(BACKBONES.length);
});
