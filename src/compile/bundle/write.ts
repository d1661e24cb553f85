// Writes a bundle's folder: bundle.json and its pieces.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pieceName } from "../../contract/bundle/bundle.ts";
import type { CompiledBundle } from "./assemble.ts";

export function writeBundle({ bundle, pieces }: CompiledBundle, folder: string): void {
  mkdirSync(folder, { recursive: true });
  pieces.forEach((bytes, piece) => {
    writeFileSync(join(folder, pieceName(piece)), bytes);
  });
  writeFileSync(join(folder, "bundle.json"), `${JSON.stringify(bundle, null, 1)}\n`);
}
