// The complete demo on this machine, without an account: start, upload, train, predict. `npm run demo -- --keep` leaves it
// running.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "../../client/client.ts";
import type { Classified } from "../../contract/predict.ts";
import type { VersionView } from "../../contract/versions.ts";
import { randomBase62 } from "../../core/ids.ts";
import { systemRandom } from "../../core/random.ts";
import { progressSink } from "../progress-bar.ts";
import { confusedPairs, figuresOf, predictionLine } from "../report.ts";
import { type Service, startService } from "../service.ts";
import type { Command } from "./command.ts";

const HEAD = "messages";
const FIXTURE = new URL("../../../fixtures/shop-messages/messages.csv", import.meta.url).pathname;

/** Written for the demo; not in the fixture. */
const NEW_SENTENCES = [
  "it's been nine days and tracking still says label created??",
  "the blue bowl came in three pieces, photos attached",
  "Could I swap the large planter for the medium one? It hasn't been shipped yet.",
  "voucher WELCOME10 isn't accepted at checkout",
  "just wanted to say the candles smell wonderful, thank you!",
];

const say = (text = ""): boolean => process.stdout.write(`${text}\n`);

export const demo: Command = {
  summary: "Starts the service on this machine, uploads examples, trains and predicts. --keep leaves it running.",
  options: { keep: { type: "boolean" } },
  positionals: [],
  run: ({ keep }) => runDemo(keep === true),
};

async function runDemo(keep: boolean): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), "lastlayer-demo-"), "utf8");
  const forgetState = (): void => rmSync(state, { recursive: true, force: true });
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort(new Error("interrupted")));
  say("Starting the service on this machine ...");
  const adminKey = randomBase62(24, systemRandom);
  const service = await startService(state, adminKey, { signal: interrupted.signal }).catch((error: unknown) => {
    forgetState();
    throw error;
  });
  const stop = (): Promise<void> => service.kill().then(forgetState);
  interrupted.signal.addEventListener("abort", () => void stop().then(() => process.exit(130)));
  try {
    const key = await walk(service);
    if (!keep) return await stop();
    const end = `kill -- -${service.processGroup}; rm -r ${state}`;
    say(`\nStill running at ${service.url}\n  key:   ${key}\n  state: ${state}\n  stop:  ${end}`);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the tenant's key. */
async function walk(service: Service): Promise<string> {
  const { key } = await createClient(service.url, service.adminKey).createTenant("demo-shop", "The demo's shop");
  const client = createClient(service.url, key);
  await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
  const upload = await client.uploadExamples(HEAD, { csv: readFileSync(FIXTURE, "utf8") });
  say(
    `Pushed ${upload.added} labelled messages; ${upload.features.computed} embedded, ${upload.rejected_total} rejected.`,
  );
  const version = await train(client);
  say(`\nVersion ${version.version}, on messages it has never seen:\n${figuresOf(version)}`);
  say(`\nMost confused:\n${confusedPairs(version, 3)}`);
  const { predictions } = await client.predict(
    HEAD,
    NEW_SENTENCES.map((text) => ({ text })),
  );
  say(
    `\nFive new sentences:\n${NEW_SENTENCES.map((text, i) => predictionLine(text, predictions[i] as Classified)).join("\n")}`,
  );
  say(`\nThe same two calls with curl (while it runs: npm run demo -- --keep):\n${curlLines(service, key)}`);
  return key;
}

async function train(client: Client): Promise<VersionView> {
  const job = await client.startJob(HEAD);
  const sink = progressSink(process.stdout);
  say("Training:");
  for await (const { type, data } of client.watchJob(HEAD, job.id)) {
    if (type === "progress") sink.show(Number(data.progress), String(data.phase));
    if (type === "succeeded") sink.show(1, "done");
    if (type === "failed") throw new Error(`Training failed: ${String(data.detail)}`);
  }
  sink.end();
  const { version } = await client.getJob(HEAD, job.id);
  return client.getVersion(HEAD, version ?? 0);
}

function curlLines({ url }: Service, key: string): string {
  const call = (path: string, body: unknown): string =>
    [
      `  curl ${url}${path} -H 'Authorization: Bearer ${key}'`,
      `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
    ].join(" \\\n    ");
  const example = { examples: [{ text: "my mug arrived without its handle", label: "damaged_on_arrival" }] };
  return `${call(`/v1/heads/${HEAD}/examples`, example)}\n${call(`/v1/heads/${HEAD}/predict`, { inputs: [{ text: "no handle on my mug" }] })}`;
}
