// The learning curve of a version: present if requested, and part of a verification.
import { beforeAll, expect, it } from "vitest";
import type { Verification, VersionView } from "../../src/contract/versions.ts";
import { normals, seededRandom } from "../support/random.ts";
import { makeHead, makeTenant, must, train, upload } from "../support/service.ts";

let key = "";
const DIMS = 8;
const rows = Array.from({ length: 150 }, (_, i) => ({
  features: Array.from(normals(seededRandom(i), DIMS), (noise) => noise + (i % 3) / 2),
  label: `label-${i % 3}`,
}));
const path = (version: number): string => `/v1/heads/curved/versions/${version}`;

beforeAll(async () => {
  key = (await makeTenant("curves")).key;
  await makeHead(key, "curved", { dimension: DIMS });
  await upload(key, "curved", rows);
  await train(key, "curved");
  await train(key, "curved", { options: { learning_curve: true } });
});

it("only the version whose job requested a learning curve has one", async () => {
  expect(await must("GET", path(1), { key })).not.toHaveProperty("learning_curve");
  const version = await must<VersionView>("GET", path(2), { key });
  const { points, estimate_at_twice: twice } = version.learning_curve ?? { points: [] };
  expect(points.map(({ share, examples }) => [share, examples])).toEqual([
    [0.1, 12],
    [0.25, 30],
    [0.5, 60],
    [1, 120],
  ]);
  for (const { accuracy, log_loss } of points) {
    expect(accuracy).toBeLessThanOrEqual(1);
    expect(log_loss).toBeGreaterThan(0);
  }
  expect(twice?.accuracy).toBeGreaterThanOrEqual(points.at(-1)?.accuracy as number);
});

it("a verification measures the learning curve of its version again, with the same result", async () => {
  expect(await must<Verification>("POST", `${path(2)}/verify`, { key })).toMatchObject({ version: 2, same: true });
});
