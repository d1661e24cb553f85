// Heads as a service left them that knew only revision 3 of the text backbone: with its identity, features of that revision, and
// versions trained on these.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { identityOf } from "../../src/backbones/backbone.ts";
import { textRevision3 } from "../../src/backbones/text-embedded.ts";
import { inputOfText } from "../../src/contract/inputs/text.ts";
import { contentOf, digestOf } from "../../src/contract/inputs.ts";
import { isTerminal, type JobView } from "../../src/contract/jobs.ts";
import type { HeadRpc, JobRequestBody } from "../../src/contract/rpc.ts";
import { bytesOf } from "../../src/core/bytes.ts";
import { unwrap } from "../../src/core/problems.ts";

export const DIMENSION = textRevision3.dimension as number;
export const identityOfRevision3 = (): Promise<string> => identityOf(textRevision3, DIMENSION);
export const featuresOfRevision3 = async (texts: readonly string[]): Promise<Float32Array> =>
  (await textRevision3.embed(texts.map(inputOfText), DIMENSION)).values;

export interface Labelled {
  readonly text: string;
  readonly label: string;
}

export interface OlderHead {
  readonly rpc: HeadRpc;
  readonly id: string;
  /** Runs `work` with the storage of its object. */
  inStorage<T>(work: (storage: DurableObjectStorage) => T): Promise<T>;
  /** Makes the runtime evict the object. The next call wakes a new one, as after a deployment or a kill. */
  restart(): Promise<void>;
  runJob(request: Partial<JobRequestBody> & Pick<JobRequestBody, "id">): Promise<JobView>;
  ended(job: string): Promise<JobView>;
}

export const spaceOf = (tenant: string): Promise<string> =>
  runInDurableObject(env.TENANTS.getByName(tenant), (_, { storage }) => {
    const { value } = storage.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });

/** A head of revision 3 with examples. Its object does not know yet that there is a newer revision. */
export async function makeOlderHead(tenant: string, id: string, rows: readonly Labelled[]): Promise<OlderHead> {
  await runInDurableObject(env.TENANTS.getByName(tenant), (_, { storage: { sql } }) => {
    sql.exec("INSERT INTO names VALUES (?)", id);
  });
  const stub = env.HEADS.getByName(`${tenant}.${await spaceOf(tenant)}/${id}`);
  const rpc = stub as unknown as HeadRpc;
  const backbone = { id: "text-embedded", identity: await identityOfRevision3(), dimension: DIMENSION } as const;
  unwrap(await rpc.create({ id, task: "classification", backbone, labels: null, description: null }));
  await appendOlder(rpc, rows);
  const head: OlderHead = {
    rpc,
    id,
    inStorage: (work) => runInDurableObject(stub, (_, { storage }) => work(storage)),
    restart: () => evictDurableObject(stub),
    runJob: async (request) => {
      unwrap(await rpc.startJob({ recipe: "linear", seed: 1, options: {}, promote: "always", ...request }));
      return head.ended(request.id);
    },
    ended: async (job) => {
      for (;;) {
        const view = unwrap(await rpc.getJob(job));
        if (isTerminal(view.status)) return view;
        if (!(await runDurableObjectAlarm(stub))) await scheduler.wait(10);
      }
    },
  };
  return head;
}

async function appendOlder(rpc: HeadRpc, rows: readonly Labelled[]): Promise<void> {
  const digests = await Promise.all(rows.map(({ text }) => digestOf(inputOfText(text))));
  const values = await featuresOfRevision3(rows.map(({ text }) => text));
  const examples = rows.map(({ text, label }, index) => {
    const digest = digests[index] as string;
    return { index, id: digest, digest, content: contentOf(inputOfText(text)), target: { label } };
  });
  const features = { digests, values };
  unwrap(await rpc.append({ examples, features, source: "api", examplesQuota: 1_000 }));
}

/** Replaces the older service by this one: the object wakes again with the same storage. */
export const replaceService = (head: OlderHead): Promise<void> => head.restart();

/** Waits until all features are of the newest revision. */
export async function untilRefreshed(head: OlderHead): Promise<void> {
  while (unwrap(await head.rpc.describe()).examples.pending > 0) await scheduler.wait(5);
}

/** Restores features of revision 3 in some blocks, as if they were not computed again yet. No alarm is set for them. */
export async function makeOutdated(head: OlderHead, blocks: readonly number[]): Promise<void> {
  for (const block of blocks) {
    const texts = await head.inStorage(({ sql }) =>
      sql.exec<{ text: string }>("SELECT text FROM inputs WHERE block = ? ORDER BY slot", block).toArray(),
    );
    const values = await featuresOfRevision3(texts.map(({ text }) => text));
    await head.inStorage(({ sql }) => {
      sql.exec("UPDATE blocks SET data = ? WHERE id = ?", bytesOf(values), block);
      sql.exec("INSERT INTO outdated_blocks VALUES (?, ?)", block, textRevision3.revision);
    });
  }
}
