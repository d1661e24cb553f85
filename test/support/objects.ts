// Real Durable Objects for tests: new objects, their storage, and the object of a head with examples.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { NewExample } from "../../src/contract/example-rpc.ts";
import type { HeadRpc } from "../../src/contract/rpc.ts";
import type { Target } from "../../src/contract/targets.ts";
import type { Task } from "../../src/contract/tasks.ts";
import { unwrap } from "../../src/core/problems.ts";

let made = 0;

/** A name that no other test uses. */
export const freshName = (): string => `test-${made++}-${crypto.randomUUID()}`;

/** Runs `work` with the storage of a new object. */
export function inFreshObject<T>(work: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  return inObject(freshName(), work);
}

/** Runs `work` with the storage of the head object `name`. */
export function inObject<T>(name: string, work: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  return runInDurableObject(env.HEADS.getByName(name), (_, { storage }) => work(storage));
}

/** An example of a test. `input` stands for the embedded input: digest, text and feature follow from it. */
export type TestRow = Target & {
  readonly id: string;
  readonly input?: string;
  readonly split?: NewExample["split"];
};

export interface TestHead {
  readonly name: string;
  readonly rpc: HeadRpc;
  readonly dims: number;
}

export async function makeHead(
  labels: readonly string[] | null = null,
  dims = 4,
  task: Task = "classification",
): Promise<TestHead> {
  const name = freshName();
  const rpc = env.HEADS.getByName(name) as unknown as HeadRpc;
  const backbone = { id: "text-embedded", identity: "sha256:test", dimension: dims } as const;
  unwrap(await rpc.create({ id: "head", task, backbone, labels, description: null }));
  return { name, rpc, dims };
}

/** 64 hex digits that are unique to this input (FNV-1a, eight times). */
export function digestOfInput(input: string): string {
  const words = Array.from({ length: 8 }, (_, seed) => {
    let hash = 0x811c9dc5 ^ seed;
    for (const char of `${seed}${input}`) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, "0");
  });
  return words.join("");
}

/** A vector that is unique to this input. */
export function featureOf(input: string, dims: number): Float32Array {
  let hash = 7;
  for (const char of input) hash = (Math.imul(hash, 31) + (char.codePointAt(0) as number)) | 0;
  return Float32Array.from({ length: dims }, (_, d) => (d === 0 ? hash % 65_536 : input.length + d));
}

/** Uploads rows with the features of all their inputs. */
export async function append(head: TestHead, rows: readonly TestRow[], examplesQuota = 1_000_000) {
  const inputs = [...new Set(rows.map(({ id, input = id }) => input))];
  const values = new Float32Array(inputs.length * head.dims);
  inputs.forEach((input, i) => {
    values.set(featureOf(input, head.dims), i * head.dims);
  });
  const examples = rows.map(({ id, input = id, split, ...target }, index) => ({
    index,
    id,
    target,
    digest: digestOfInput(input),
    content: { form: "text", text: input } as const,
    split,
  }));
  const features = { digests: inputs.map(digestOfInput), values };
  return unwrap(await head.rpc.append({ examples, features, source: "api", examplesQuota }));
}
