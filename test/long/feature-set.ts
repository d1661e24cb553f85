// Feature sets from ../shared/peers: the same vectors for the service and for the compared libraries.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Client } from "../../src/client/client.ts";
import { PEERS } from "../journeys/support.ts";

export interface Rows {
  readonly features: Float32Array;
  readonly labels: Int32Array;
}

export interface Split {
  readonly train: Rows;
  readonly test: Rows;
  readonly dims: number;
  readonly classes: readonly string[];
}

/** Each row as base64 of little-endian float32, for uploads and predictions. */
export const vectors = ({ features, labels }: Rows, dims: number): string[] =>
  Array.from(labels, (_, i) => Buffer.from(features.slice(i * dims, (i + 1) * dims).buffer).toString("base64"));

export function readFeatures(path: string): Split {
  const { dims, classes } = JSON.parse(readFileSync(join(path, "meta.json"), "utf8")) as Split;
  const buffer = (name: string): ArrayBuffer => new Uint8Array(readFileSync(join(path, name))).buffer;
  const rows = (part: string): Rows => ({
    features: new Float32Array(buffer(`${part}.features.f32`)),
    labels: new Int32Array(buffer(`${part}.labels.i32`)),
  });
  return { train: rows("train"), test: rows("test"), dims, classes };
}

/** Makes the features of a set with Python and reads them. */
export async function makeFeatures(
  python: string,
  name: string,
  path: string,
  flags: readonly string[],
): Promise<Split> {
  await promisify(execFile)(python, [join(PEERS, "make_features.py"), name, path, ...flags]);
  return readFeatures(path);
}

/** A head on the caller's vectors with the training rows as examples. */
export async function uploadSplit(client: Client, head: string, { train, dims }: Split): Promise<void> {
  await client.createHead({ id: head, task: "classification", backbone: "features", dimension: dims });
  const lines = vectors(train, dims).map((vector, i) => `${i},${vector},${train.labels[i]}`);
  for (let at = 0; at < lines.length; at += 4_000) {
    await client.uploadExamples(head, { csv: `id,features,label\n${lines.slice(at, at + 4_000).join("\n")}` });
  }
}

/** Writes a set in the format of the peers, into a folder with that name. */
export function writeFeatures(path: string, { train, test, dims, classes }: Split): void {
  mkdirSync(path);
  for (const [part, { features, labels }] of Object.entries({ train, test })) {
    writeFileSync(join(path, `${part}.features.f32`), features);
    writeFileSync(join(path, `${part}.labels.i32`), labels);
  }
  const rows = { train: train.labels.length, test: test.labels.length };
  writeFileSync(join(path, "meta.json"), JSON.stringify({ name: basename(path), dims, ...rows, classes }));
}
