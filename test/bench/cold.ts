// npm run bench:cold: the first prediction of a fresh process; and a thousand heads of a hundred tenants asked in turn, whose
// weights one Worker holds within its bound.

import { residentBytes } from "./host/resident.ts";
import { rounded } from "./host/rounded.ts";
import { askFor, labelledVectors, makeVectorHead, newTenant, startServed, trained } from "./host/served-heads.ts";
import { median } from "./median.ts";

const [TENANTS, HEADS_EACH, ROWS, STARTS, ROUNDS] = [100, 10, 40, 5, 3] as const;

async function asked({ url, headers, body }: ReturnType<typeof askFor>): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`A prediction answered ${response.status}`);
  return performance.now() - started;
}

let runtime = await startServed();
try {
  const rows = labelledVectors(ROWS);
  const first = await newTenant(runtime.url, "first");
  await makeVectorHead(first.client, "rows", rows);
  await trained(first.client, "rows");
  const cold: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    runtime = await runtime.restart();
    cold.push(await asked(askFor(runtime.url, first.key, "rows")));
  }
  console.log(
    JSON.stringify({ first_prediction_ms: rounded(median(cold), 1), all_ms: cold.map((ms) => rounded(ms, 1)) }),
  );
  const asks: ((url: string) => ReturnType<typeof askFor>)[] = [];
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    const { key, client } = await newTenant(runtime.url, `tenant-${tenant}`);
    for (let head = 0; head < HEADS_EACH; head++) {
      await makeVectorHead(client, `head-${head}`, rows);
      await trained(client, `head-${head}`);
      asks.push((url) => askFor(url, key, `head-${head}`));
    }
  }
  runtime = await runtime.restart();
  for (let round = 0; round < ROUNDS; round++) {
    const ms: number[] = [];
    for (const ask of asks) ms.push(await asked(ask(runtime.url)));
    const residentMib = rounded((residentBytes(runtime.pid) ?? 0) / 2 ** 20, 0);
    console.log(
      JSON.stringify({ heads: asks.length, round, p50_ms: rounded(median(ms), 2), resident_mib: residentMib }),
    );
  }
} finally {
  await runtime.stop();
}
