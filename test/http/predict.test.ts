// Predictions: their form, their order, abstention, and independence of other inputs and of the input form.
import { beforeAll, describe, expect, it } from "vitest";
import type { Classified } from "../../src/contract/predict.ts";
import { expectProblem } from "../support/problems.ts";
import { type Answer, call, corners, makeHead, makeTenant, makeTextHead, train, upload } from "../support/service.ts";

interface Predicted {
  readonly head: string;
  readonly version: number;
  readonly predictions: readonly (Classified & { readonly error?: { code: string; detail: string } })[];
}

let key = "";
beforeAll(async () => {
  key = (await makeTenant("predict")).key;
  await makeHead(key, "plane");
  await upload(key, "plane", [
    ...corners(),
    ...[0, 1, 2, 3].map((i) => ({ features: [4, -4 - i / 8], label: "east" })),
  ]);
  await train(key, "plane");
  await train(key, "plane", { promote: "never", options: { l2: 100 } });
  await makeTextHead(key, "shop");
  const words = {
    refund: ["money back", "refund please", "return it"],
    status: ["where is it", "track parcel", "late"],
  };
  const rows = Object.entries(words).flatMap(([label, texts]) => texts.map((text) => ({ text, label })));
  await upload(key, "shop", rows);
  await train(key, "shop");
});

const ask = (inputs: readonly unknown[], more: object = {}, head = "plane"): Promise<Answer<Predicted>> =>
  call<Predicted>("POST", `/v1/heads/${head}/predict`, { key, body: { inputs, ...more } });
const points = Array.from({ length: 40 }, (_, i) => ({ features: [3 * Math.sin(i * 3), 3 * Math.cos(i * 5)] }));

describe("an answer", () => {
  it("has the head, the version and one prediction per input, in order, with its timing", async () => {
    const { status, body, headers } = await ask([{ features: [2, 2] }, { features: [-2, -2] }, { features: [4, -4] }]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ head: "plane", version: 1 });
    expect(body.predictions.map(({ label }) => label)).toEqual(["north", "south", "east"]);
    for (const part of ["embed", "head", "object"]) {
      expect(headers.get("Server-Timing")).toMatch(new RegExp(`\\b${part};dur=[0-9.]+`));
    }
  });

  it("has scores of every label, best first, with the sum 1; label and score are those of the first", async () => {
    for (const { label, score, abstained, scores } of (await ask(points)).body.predictions) {
      expect(abstained).toBe(false);
      expect(scores.map((entry) => entry.label).sort()).toEqual(["east", "north", "south"]);
      expect(scores.map((entry) => entry.score)).toEqual(scores.map((entry) => entry.score).sort((a, b) => b - a));
      expect(scores.reduce((sum, entry) => sum + entry.score, 0)).toBeCloseTo(1, 12);
      expect(scores[0]).toEqual({ label, score });
    }
  });

  it("lists as many scores as top requests, and does not change them", async () => {
    const [whole, cut, more] = await Promise.all([ask(points), ask(points, { top: 2 }), ask(points, { top: 1_000 })]);
    const expected = whole.body.predictions.map((row) => ({ ...row, scores: row.scores.slice(0, 2) }));
    expect(cut.body.predictions).toEqual(expected);
    expect(more.body).toEqual(whole.body);
  });

  it("abstains below the threshold: its label is null, and it still has score and scores", async () => {
    const whole = (await ask(points)).body.predictions;
    const threshold = [...whole.map(({ score }) => score)].sort((a, b) => a - b)[20] as number;
    const { predictions } = (await ask(points, { threshold })).body;
    const expected = whole.map((row) => (row.score < threshold ? { ...row, label: null, abstained: true } : row));
    expect(predictions).toEqual(expected);
    expect(predictions.filter(({ abstained }) => abstained).length).toBeGreaterThan(0);
    expect(predictions.filter(({ abstained }) => !abstained).length).toBeGreaterThan(0);
  });

  it("has the set of labels with the requested coverage, which grows with the coverage", async () => {
    const sets = async (coverage: number) =>
      (await ask(points, { coverage })).body.predictions.map(({ set = [] }) => set);
    const [none, half, all] = [await sets(0), await sets(0.5), await sets(1)];
    const whole = (await ask(points)).body.predictions;
    whole.forEach(({ label, scores }, i) => {
      expect(none[i]?.[0]).toBe(label);
      expect(half[i]?.slice(0, none[i]?.length)).toEqual(none[i]);
      expect(all[i]).toEqual(scores.map((entry) => entry.label));
    });
    expect(whole.some((row) => "set" in row)).toBe(false);
  });

  it("comes from the requested version, whether that is live or not", async () => {
    const [live, first, second] = [
      await ask(points),
      await ask(points, { version: 1 }),
      await ask(points, { version: 2 }),
    ];
    expect(first.body).toEqual(live.body);
    expect(second.body.version).toBe(2);
    expect(second.body.predictions).not.toEqual(first.body.predictions);
  });

  it("follows the examples of texts if the input is a text", async () => {
    const inputs = [{ text: "I want my money back" }, { text: "where is my parcel, it is late" }];
    const { predictions } = (await ask(inputs, {}, "shop")).body;
    expect(predictions.map(({ label }) => label)).toEqual(["refund", "status"]);
  });

  it("accepts consistency and key, which do not change a prediction", async () => {
    const plain = await ask(points);
    for (const consistency of ["replica", "strong"]) {
      expect((await ask(points, { consistency, key: "customer-7" })).body).toEqual(plain.body);
    }
  });
});

it("an answer is the same for any order of the fields in the body", async () => {
  const [inputs, top] = [points.slice(0, 5), 1];
  const bodies = [
    { inputs, top },
    { top, inputs },
  ].map((body) => call("POST", "/v1/heads/plane/predict", { key, body }));
  const [first, second] = await Promise.all(bodies);
  expect(first?.status).toBe(200);
  expect(second?.body).toEqual(first?.body);
});

describe("a batch", () => {
  it("gives each input the same bits as alone, for vectors and for texts", async () => {
    const texts = Array.from({ length: 12 }, (_, i) => ({ text: `${i} refund or parcel ${"late ".repeat(i)}` }));
    for (const [head, inputs] of [
      ["plane", points.slice(0, 13)],
      ["shop", texts],
    ] as const) {
      const batch = (await ask(inputs, {}, head)).body.predictions;
      for (const [i, input] of inputs.entries()) {
        expect((await ask([input], {}, head)).body.predictions).toEqual([batch[i]]);
      }
    }
  });

  it("accepts 256 inputs", async () => {
    expect((await ask(Array(256).fill({ features: [1, 2] }))).body.predictions.length).toBe(256);
  });

  it("gives the same answers for numbers and for their base64", async () => {
    const vector = new Float32Array([0.3, -1.7]);
    const base64 = btoa(String.fromCharCode(...new Uint8Array(vector.buffer)));
    const [numbers, text] = (await ask([{ features: [...vector] }, { features: base64 }])).body.predictions;
    expect(text).toEqual(numbers);
  });
});

describe("an invalid input", () => {
  const good = { features: [2, 2] };
  it.each<[string, unknown]>([
    ["the wrong length", { features: [1, 2, 3] }],
    ["1e39", { features: [1e39, 0] }],
    ["invalid base64", { features: "?" }],
    ["another modality", { text: "hello" }],
    ["nothing", {}],
    ["two inputs", { features: [1, 2], text: "x" }],
    ["an unknown field", { features: [1, 2], label: "x" }],
    ["a scalar", 7],
    ["null", null],
    ["a bare vector", [1, 2]],
  ])("gets an error in its place, and the other inputs get answers: %s", async (_, bad) => {
    const alone = (await ask([good])).body.predictions[0];
    const { status, body } = await ask([good, bad, good]);
    expect(status).toBe(200);
    expect(body.predictions).toEqual([
      alone,
      { error: { code: "invalid_input", detail: expect.stringMatching(/\S/) } },
      alone,
    ]);
  });

  it.each([
    ["a vector", "plane", { features: [1, 2] }, [1, 2], 'an array; write it as {"features": […]}'],
    ["a text", "shop", { text: "late" }, "late", 'a string; write it as {"text": "…"}'],
  ])(
    "gets an error with its place and the right form if it lacks its field: %s",
    async (_, head, valid, bare, told) => {
      const { body } = await ask([valid, bare], {}, head);
      expect(body.predictions[1]?.error?.detail).toBe(`/inputs/1 must be an object, not ${told}`);
    },
  );

  it("gets its error even if no input is valid", async () => {
    const { status, body, text } = await ask([{}, 7, { features: [1] }]);
    expect(status, text).toBe(200);
    expect(body.predictions.map(({ error }) => error?.code)).toEqual(Array(3).fill("invalid_input"));
  });
});

describe("a prediction without a version", () => {
  const problem = (head: string, body: object) => call("POST", `/v1/heads/${head}/predict`, { key, body });

  it("is answered with 409 no_live_version before the first training or promotion", async () => {
    await makeHead(key, "untrained");
    const inputs = [{ features: [1, 2] }];
    expectProblem(await problem("untrained", { inputs }), 409, "no_live_version");
    await upload(key, "untrained", corners());
    await train(key, "untrained", { promote: "never" });
    expectProblem(await problem("untrained", { inputs }), 409, "no_live_version");
    expect((await ask(inputs, { version: 1 }, "untrained")).status).toBe(200);
  });

  it("is answered with 404 for an unknown version, with valid inputs or without", async () => {
    for (const inputs of [[{ features: [1, 2] }], [{}]]) {
      expectProblem(await problem("plane", { inputs, version: 99 }), 404, "not_found");
    }
  });
});

describe("many long texts in one request", () => {
  it("are embedded in turns, so that other requests are answered meanwhile", async () => {
    let isDone = false;
    const long = "\ufdfa".repeat(20_000); // each of its characters becomes eighteen by normalisation
    const asked = ask(
      Array.from({ length: 40 }, (_, i) => ({ text: `${i} ${long.slice(10)}` })),
      {},
      "shop",
    ).finally(() => {
      isDone = true;
    });
    let turns = 0;
    for (; !isDone; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
    expect((await asked).body.predictions).toHaveLength(40);
    expect(turns).toBeGreaterThan(39);
  });
});
