// Labels for a stored input, if the head is deleted and created again after the input was read.
import { expect, it } from "vitest";
import type { HeadRpc } from "../../src/contract/rpc.ts";
import { makePredictionId } from "../../src/core/prediction-ids.ts";
import { unwrap } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import { captures } from "../../src/http/routes/captures.ts";
import { emptyTally } from "../../src/serving/tallies.ts";
import { digestOfInput, makeHead, type TestHead } from "../support/objects.ts";

const TEXT_DIMENSION = 1_024;
const PREDICTION = makePredictionId(Date.now(), systemRandom);

/** A head with one captured and one logged input. */
async function headWithInputs(): Promise<TestHead> {
  const head = await makeHead(null, TEXT_DIMENSION);
  unwrap(await head.rpc.update({ capture: { rate: 1, keep_days: 7 }, log_hours: 1 }));
  const input = { text: "where is my parcel?" };
  const prediction = { label: "a", score: 0.5, abstained: false, scores: [] };
  const at = Date.now();
  const record = JSON.stringify({ input, version: 1, prediction });
  unwrap(
    await head.rpc.report({
      tallies: [emptyTally(1)],
      captures: [{ digest: digestOfInput("one"), record, uncertainty: 1, at }],
      logged: [{ id: PREDICTION, at, record: JSON.stringify({ input, version: 1 }) }],
    }),
  );
  return head;
}

async function makeAgain({ rpc }: TestHead): Promise<void> {
  await rpc.destroy();
  const backbone = { id: "text-embedded", identity: "sha256:test", dimension: TEXT_DIMENSION } as const;
  unwrap(await rpc.create({ id: "head", task: "classification", backbone, labels: null, description: null }));
}

/** The head's object. After a call of `method` has read an input, the head is deleted and created again. */
function remadeAfter(head: TestHead, method: "getCapture" | "getPrediction"): HeadRpc {
  const call = (name: keyof HeadRpc, args: unknown[]) =>
    (head.rpc[name] as (...args: unknown[]) => Promise<unknown>)(...args);
  const get =
    (_: HeadRpc, name: keyof HeadRpc) =>
    async (...args: unknown[]) => {
      const read = await call(name, args);
      if (name === method) await makeAgain(head);
      return read;
    };
  return new Proxy({} as HeadRpc, { get: get as never });
}

/** Calls a route of the head with the tenant's key. */
function callOf(rpc: HeadRpc, params: object, body: object) {
  const caller = { kind: "tenant", quotas: { examples_per_head: 9 } };
  const headers = { "Content-Type": "application/json" };
  const request = new Request("https://head.test", { method: "POST", headers, body: JSON.stringify(body) });
  const of = { head: "head", ...params };
  return { env: { head: () => rpc }, caller, meter: undefined, params: of, body, request } as never;
}

it("a captured input never becomes an example of a later head with the same id", async () => {
  const head = await headWithInputs();
  const id = unwrap(await head.rpc.listCaptures({})).data[0]?.id;
  const rpc = remadeAfter(head, "getCapture");
  await expect(captures.labelCapture(callOf(rpc, { id }, { label: "b" }))).rejects.toMatchObject({
    data: { code: "conflict" },
  });
  expect(unwrap(await head.rpc.describe()).examples.total).toBe(0);
});

it("feedback on a prediction never becomes an example of a later head with the same id", async () => {
  const rpc = remadeAfter(await headWithInputs(), "getPrediction");
  const call = callOf(rpc, {}, { prediction: PREDICTION, label: "b" });
  await expect(captures.giveFeedback(call)).rejects.toMatchObject({ data: { code: "conflict" } });
  expect(unwrap(await rpc.describe()).examples.total).toBe(0);
});
