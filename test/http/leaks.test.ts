// Tensors created by jobs and predictions are freed: the count is of this isolate, which also runs the objects.
import { expect, it } from "vitest";
import { backendName } from "../../src/tensor/boot.ts";
import { liveTensors, tensorBytes } from "../../src/tensor/scope.ts";
import { call, corners, makeHead, makeTenant, makeTrainedHead, train, upload } from "../support/service.ts";

it("there are as many tensors as before after 5 jobs and 1,000 predictions", async () => {
  const { key } = await makeTenant("leaks");
  await makeTrainedHead(key, "warm");
  const predict = async (inputs: number) => {
    const rows = Array.from({ length: inputs }, (_, i) => ({ features: [i, 1 - i] }));
    return (await call("POST", "/v1/heads/warm/predict", { key, body: { inputs: rows } })).status;
  };
  expect(await predict(1)).toBe(200);
  expect(backendName()).toBe("wasm"); // the jobs ran here: otherwise this isolate would have no backend
  const before = { tensors: liveTensors(), bytes: tensorBytes() };

  await makeHead(key, "jobs");
  await upload(key, "jobs", corners());
  for (let seed = 0; seed < 5; seed++) await train(key, "jobs", { seed });
  for (let i = 0; i < 100; i++) expect(await predict(i % 10 === 0 ? 91 : 1)).toBe(200);
  expect({ tensors: liveTensors(), bytes: tensorBytes() }).toEqual(before);
});

it("there are as many tensors as before after a cancelled job and after bad input", async () => {
  const { key } = await makeTenant("leaks-too");
  await makeTrainedHead(key, "warm");
  const before = { tensors: liveTensors(), bytes: tensorBytes() };
  const vector = (i: number) => Array.from({ length: 256 }, (_, k) => Math.sin(i * 31 + k));
  await makeHead(key, "wide", { dimension: 256 });
  await upload(
    key,
    "wide",
    Array.from({ length: 400 }, (_, i) => ({ features: vector(i), label: `l${i % 8}` })),
  );
  const { body } = await call<{ id: string }>("POST", "/v1/heads/wide/jobs", { key, body: {} });
  await call("POST", `/v1/heads/wide/jobs/${body.id}/cancel`, { key });
  await train(key, "wide", { options: { l2: 1 } });
  await call("POST", "/v1/heads/warm/predict", { key, body: { inputs: [{ features: [1] }, {}] } });
  expect({ tensors: liveTensors(), bytes: tensorBytes() }).toEqual(before);
});
