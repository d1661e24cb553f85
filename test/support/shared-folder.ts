// Real data and models beside the checkout. Tests that need them are skipped, and say so, where they are absent.
import { existsSync } from "node:fs";
import { join } from "node:path";

const shared = new URL("../../../shared", import.meta.url).pathname;

export const DATASETS = join(shared, "datasets");
export const MODELS = join(shared, "models");
export const PEERS = join(shared, "peers");

export const present = (path: string): boolean => {
  if (!existsSync(path)) console.log(`skipped: ${path} is not there`);
  return existsSync(path);
};
