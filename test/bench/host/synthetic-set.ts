// A feature directory of seeded noise with a given shape: the time of a gradient does not depend on the values.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../../src/engine/data/seeded-random.ts";

export interface Shape {
  readonly rows: number;
  readonly dims: number;
  readonly classes: number;
}

/** Creates the folder, calls `use` with it, and removes it. */
export async function withSyntheticSet<T>(shape: Shape, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "lastlayer-features-"));
  try {
    write(folder, shape);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, { rows, dims, classes }: Shape): void {
  const { uniform } = seededRandom(20_261_023);
  const names = Array.from({ length: classes }, (_, k) => String(k));
  const meta = { name: "synthetic", dims, train: rows, test: 0, classes: names };
  writeFileSync(join(folder, "meta.json"), JSON.stringify(meta));
  const features = new Float32Array(rows * dims).map(() => 2 * uniform() - 1);
  const labels = new Int32Array(rows).map(() => uniform() * classes); // the array converts them to whole numbers
  writeFileSync(join(folder, "train.features.f32"), features);
  writeFileSync(join(folder, "train.labels.i32"), labels);
  for (const empty of ["test.features.f32", "test.labels.i32"]) writeFileSync(join(folder, empty), "");
}
