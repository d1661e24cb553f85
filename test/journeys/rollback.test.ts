// A rollback during predictions: no prediction fails or mixes two versions, and the version before soon gives all answers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startService } from "../../src/cli/service.ts";
import { createClient } from "../../src/client/client.ts";

const ADMIN_KEY = "admin-key-of-the-rollback";
/** The maximum age of a replica. */
const MOST_STALE_MS = 2_000;
const ASKERS = 4;

interface Answered {
  readonly sentAt: number;
  readonly version: number;
  readonly scores: number;
}

it("during a rollback no prediction fails, and after two seconds all come from the previous version", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lastlayer-rollback-"));
  const service = await startService(folder, ADMIN_KEY);
  try {
    const { key } = await createClient(service.url, ADMIN_KEY).createTenant("rollback");
    const client = createClient(service.url, key);
    await client.createHead({ id: "plane", task: "classification", backbone: "features", dimension: 2 });
    const points = Array.from({ length: 40 }, (_, i) => (i % 2 ? [1 + i / 40, 1] : [-1 - i / 40, -1]));
    await client.uploadExamples(
      "plane",
      points.map((features, i) => ({ features, label: i % 2 ? "north" : "south" })),
    );
    for (const l2 of [0.001, 10]) {
      const { id } = await client.startJob("plane", { recipe: "linear", options: { l2 }, promote: "always" });
      for await (const _ of client.watchJob("plane", id));
    }
    const answered: Answered[] = [];
    let isOver = false;
    const ask = async (): Promise<void> => {
      while (!isOver) {
        const sentAt = Date.now();
        const { version, predictions } = await client.predict("plane", [{ features: [0.4, 0.5] }]);
        const [first] = predictions;
        answered.push({ sentAt, version, scores: first && "score" in first ? first.score : Number.NaN });
      }
    };
    const askers = Array.from({ length: ASKERS }, ask);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await client.rollback("plane");
    const rolledBackAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, MOST_STALE_MS + 1_000));
    isOver = true;
    await Promise.all(askers); // rejects if one prediction failed
    const late = answered.filter(({ sentAt, version }) => version === 2 && sentAt > rolledBackAt + MOST_STALE_MS);
    expect(late).toEqual([]);
    for (const version of [1, 2]) {
      const own = answered.filter((one) => one.version === version);
      expect(own.length).toBeGreaterThan(0);
      expect(new Set(own.map(({ scores }) => scores)).size).toBe(1);
    }
  } finally {
    await service.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
