// npm run bench:cold: the first prediction of a new process, and requests to a thousand heads of a hundred tenants in turn, whose
// weights one Worker caches up to its limit.
import { utf8 } from "../../src/core/bytes.ts";
import { residentBytes } from "./host/resident.ts";
import { rounded } from "./host/rounded.ts";
import {
  askFor,
  CLASSES,
  DIMS,
  labelledVectors,
  makeVectorHead,
  newTenant,
  startServed,
  trained,
} from "./host/served-heads.ts";
import { median } from "./median.ts";

const [TENANTS, HEADS_EACH, ROWS, STARTS, ROUNDS] = [100, 10, 200, 5, 3] as const;
const HEAD = "rows";

async function asked({ url, headers, body }: ReturnType<typeof askFor>): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`A prediction answered ${response.status}`);
  return performance.now() - started;
}

let runtime = await startServed();

/** Makes all heads, each with its own weights: an exported version with another first bias. */
async function makeHeads(exported: string): Promise<((url: string) => ReturnType<typeof askFor>)[]> {
  const file = JSON.parse(exported) as { tensors: Record<string, number[]> };
  const asks: ((url: string) => ReturnType<typeof askFor>)[] = [];
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    const { key, client } = await newTenant(runtime.url, `tenant-${tenant}`);
    for (let head = 0; head < HEADS_EACH; head++) {
      const id = `head-${head}`;
      await client.createHead({ id, task: "classification", backbone: "features", dimension: DIMS });
      const bias = file.tensors["layers.0.bias"] as number[];
      bias[0] = Math.fround((tenant * HEADS_EACH + head) / 1_000);
      const { version } = await client.importVersion(id, utf8(JSON.stringify(file)), "json");
      await client.promoteVersion(id, version);
      asks.push((url) => askFor(url, key, id));
    }
  }
  return asks;
}

try {
  const { key, client } = await newTenant(runtime.url, "first");
  await makeVectorHead(client, HEAD, labelledVectors(ROWS));
  await trained(client, HEAD);
  const cold: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    runtime = await runtime.restart();
    cold.push(await asked(askFor(runtime.url, key, HEAD)));
  }
  const each = cold.map((ms) => rounded(ms, 1));
  console.log(JSON.stringify({ first_prediction_ms: rounded(median(cold), 1), each_ms: each }));
  const exporter = await newTenant(runtime.url, "exporter");
  await makeVectorHead(exporter.client, HEAD, labelledVectors(ROWS));
  await trained(exporter.client, HEAD);
  const exported = new TextDecoder().decode(await exporter.client.exportVersion(HEAD, 1, "json"));
  const asks = await makeHeads(exported);
  runtime = await runtime.restart();
  for (let round = 0; round < ROUNDS; round++) {
    const [first, again]: [number[], number[]] = [[], []]; // the cached live version is older than two seconds, and then fresh
    for (const ask of asks) {
      first.push(await asked(ask(runtime.url)));
      again.push(await asked(ask(runtime.url)));
    }
    const { weight_bytes: held } = (await (await fetch(`${runtime.url}/held`)).json()) as { weight_bytes: number };
    const memory = {
      held_mib: rounded(held / 2 ** 20, 1),
      resident_mib: rounded((residentBytes(runtime.pid) ?? 0) / 2 ** 20, 0),
    };
    const extents = { heads: asks.length, dims: DIMS, classes: CLASSES, round };
    const p50 = { p50_ms: rounded(median(first), 2), again_p50_ms: rounded(median(again), 2) };
    console.log(JSON.stringify({ ...extents, ...p50, ...memory }));
  }
} finally {
  await runtime.stop();
}
