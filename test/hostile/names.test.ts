// Hostile names: ids, labels and texts that are code, incomplete characters or markup elsewhere, and cursors, limits, paths and
// headers that no honest client sends.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeTenant, makeTextHead, makeTrainedHead, must, train, upload } from "../support/service.ts";

let key = "";
let head = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("names")).key;
  await makeTrainedHead(key, "trained");
});
beforeEach(async () => {
  head = `h-${heads++}`;
  await makeTextHead(key, head);
});

const post = (headers: Record<string, string>, body: string | Uint8Array) =>
  call<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers });
const listed = async (query = ""): Promise<ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples${query}`, { key })).data;
const one = (id: string) => `/v1/heads/${head}/examples/${encodeURIComponent(id)}`;

const ODD_NAMES = [
  "'; DROP TABLE examples; --",
  '" OR 1=1 --',
  "a/b",
  "a%2Fb",
  "%",
  "?#&=",
  "<script>alert(1)</script>",
  "\\",
  "$",
  "null",
  "0",
  "👩‍👩‍👧",
  "שלום",
  "e\u0301",
  "\u200b",
];

describe("an unusual or repeated name", () => {
  it.each(ODD_NAMES)("may be an id: %j", async (id) => {
    expect(await upload(key, head, [{ id, text: "x", label: "a" }])).toMatchObject({ added: 1, rejected: [] });
    expect(await must("GET", one(id), { key })).toMatchObject({ id, text: "x" });
    expect(await must("PATCH", one(id), { key, body: { label: "b" } })).toMatchObject({ id, label: "b" });
    expect((await call("DELETE", one(id), { key })).status).toBe(204);
    expect(await listed()).toEqual([]);
  });

  it("may be a label, which has its normal form from the upload to the scores", async () => {
    const normal = ODD_NAMES.map((name) => name.normalize("NFC"));
    const rows = ODD_NAMES.flatMap((label, i) => [0, 1, 2].map((n) => ({ text: `words${i} no${n}`, label })));
    expect(await upload(key, head, rows)).toMatchObject({ added: rows.length, rejected: [] });
    const { labels, examples } = await must<HeadView>("GET", `/v1/heads/${head}`, { key });
    expect(labels).toEqual([...normal].sort());
    expect(Object.entries(examples.by_label)).toEqual(expect.arrayContaining(normal.map((label) => [label, 3])));
    for (const label of ODD_NAMES) {
      expect((await listed(`?label=${encodeURIComponent(label)}`)).map((row) => row.label)).toEqual(
        Array(3).fill(label.normalize("NFC")),
      );
    }
    await train(key, head);
    const { predictions } = await must<{ predictions: { scores: { label: string }[] }[] }>(
      "POST",
      `/v1/heads/${head}/predict`,
      { key, body: { inputs: [{ text: "words0 no1" }] } },
    );
    expect(predictions[0]?.scores.map(({ label }) => label).sort()).toEqual([...normal].sort());
  });

  it("may be the id of several rows, of which the last is stored and each is counted", async () => {
    const rows = ["a", "b", "c"].map((label) => ({ id: "same", text: `the ${label}`, label }));
    expect(await upload(key, head, rows)).toMatchObject({ added: 1, updated: 2, rejected: [] });
    expect(await listed()).toMatchObject([{ id: "same", text: "the c", label: "c" }]);
    expect(await must("GET", `/v1/heads/${head}`, { key })).toMatchObject({
      examples: { total: 1, by_label: { c: 1 } },
    });
  });
});

describe("a name that every object inherits", () => {
  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "is rejected wherever it occurs: %s",
    async (name) => {
      const rows = [
        { text: "one", label: name },
        { text: "two", label: ` ${name} ` },
        { id: name, text: "three", label: "a" },
        { id: "good", text: "four", label: "a" },
      ];
      const { added, rejected } = await upload(key, head, rows);
      expect(added).toBe(1);
      expect(rejected.map(({ index, code }) => [index, code])).toEqual([
        [0, "invalid_label"],
        [1, "invalid_label"],
        [2, "invalid_example"],
      ]);
      for (const { detail } of rejected) expect(detail).toContain("name that every JavaScript object has");
      const patch = await call("PATCH", one("good"), { key, body: { label: name } });
      expectProblem(patch, 400, "invalid_request");
      const made = await call("POST", "/v1/heads", {
        key,
        body: { id: "fixed", task: "classification", backbone: "text-embedded", labels: ["a", name] },
      });
      expectProblem(made, 400, "invalid_request");
      expect(made.body.errors?.[0]?.pointer).toBe("/labels/1");
      expect(await listed(`?label=${name}`)).toEqual([]);
    },
  );

  it.each(["constructor", "prototype"])("may not be the id of a head or a tenant: %s", async (id) => {
    const body = { id, task: "classification", backbone: "text-embedded" };
    expectProblem(await call("POST", "/v1/heads", { key, body }), 400, "invalid_request");
    expectProblem(await call("POST", "/v1/tenants", { key: ADMIN_KEY, body: { id } }), 400, "invalid_request");
    for (const path of ["", "/policy", "/stats"]) {
      expectProblem(await call("GET", `/v1/heads/${id}${path}`, { key }), 404, "not_found");
    }
  });
});

describe("a character that storage may change", () => {
  it("is stored as the replacement character if it is a lone surrogate in a text", async () => {
    const answer = await post(
      { "Content-Type": "application/json" },
      '{"examples":[{"text":"a\\ud800b","label":"a"}]}',
    );
    expect(answer).toMatchObject({ status: 200, body: { added: 1 } });
    expect((await listed())[0]?.text).toBe("a\ufffdb");
  });

  // The row may be rejected, or its lone surrogate read as U+FFFD, as in texts. A label was once answered with 500 for the whole
  // upload (NOT NULL constraint failed: examples.label), and an id was stored so that no path found it again.
  it.each(["id", "label"])(
    "is accepted or rejected if it is a lone surrogate in the %s, and the other rows are kept",
    async (field) => {
      const row = (name: string, value: string) =>
        `{"text":"${name}","id":"${name}","label":"a","${field}":"${value}"}`;
      const body = `{"examples":[${row("one", "x\\ud83d")},${row("two", "y")}]}`;
      const answer = await post({ "Content-Type": "application/json" }, body);
      expect(answer.status, answer.text).toBe(200);
      const rows = await listed();
      expect(rows.map(({ text }) => text)).toContain("two");
      expect(rows.length).toBe(answer.body.added);
      for (const { id } of rows) expect((await call("GET", one(id), { key })).status).toBe(200);
    },
  );

  it("is stored unchanged if it is a NUL in a text or in a label", async () => {
    const rows = ["a\u0000b", "a\u0000c", "a"].map((name) => ({ text: `text ${name}`, label: name }));
    expect(await upload(key, head, rows)).toMatchObject({ added: 3, rejected: [] });
    expect((await listed()).map(({ text, label }) => ({ text, label }))).toEqual(rows);
    expect((await must<HeadView>("GET", `/v1/heads/${head}`, { key })).labels).toEqual(["a", "a\u0000b", "a\u0000c"]);
  });
});

describe("a list", () => {
  it.each(["0", "-1", "201", "1.5", "1e9", "999999999999999999999", "NaN", "", "ten", "null"])(
    "is refused with the limit %j",
    async (limit) => {
      const lists = [
        `/v1/heads`,
        `/v1/keys`,
        ...["examples", "jobs", "versions"].map((what) => `/v1/heads/trained/${what}`),
      ];
      for (const path of lists) {
        const answer = await call("GET", `${path}?limit=${limit}`, { key });
        expectProblem(answer, 400, "invalid_request");
        expect(answer.body.errors?.[0]?.pointer).toBe("/limit");
      }
    },
  );

  it.each(["x", "-1", "1.5", "1e3", "9".repeat(40), "", "%00", "' OR 1=1"])(
    "is refused with the cursor %j",
    async (after) => {
      for (const what of ["examples", "jobs", "versions"]) {
        const answer = await call("GET", `/v1/heads/trained/${what}?after=${encodeURIComponent(after)}`, { key });
        expectProblem(answer, 400, "invalid_request");
      }
    },
  );

  it("is refused with an unknown or a repeated parameter", async () => {
    for (const query of ["colour=red", "limit=1&limit=2", "constructor=1", "label=a&label=b"]) {
      expectProblem(await call("GET", `/v1/heads/${head}/examples?${query}`, { key }), 400, "invalid_request");
    }
  });

  const long = "the parcel that I sent to the wrong address last week %_%_ ".repeat(3).trim();
  const expectFound = async (q: string) => {
    await upload(key, head, [{ id: "long", text: `${long} and more`, label: "a" }]);
    const path = `/v1/heads/${head}/examples?q=${encodeURIComponent(q)}`;
    const answer = await call<{ data: ExampleView[] }>("GET", path, { key });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.data.length).toBe(long.includes(q) ? 1 : 0);
  };
  it.each([long.slice(0, 48), "%".repeat(20), "\\".repeat(20)])("can be searched for %j", expectFound);

  // Workers' SQLite accepts LIKE patterns of 50 bytes; longer ones give "LIKE or GLOB pattern too complex", a 500. The contract
  // allows up to 200 characters. `instr(lower(text), lower(?)) > 0` has no such limit.
  it.each([long.slice(0, 49), long, "%".repeat(200)])("can be searched for %j, which is long", expectFound);

  it("is refused with a search of over 200 characters", async () => {
    const path = `/v1/heads/${head}/examples?q=${"x".repeat(201)}`;
    expectProblem(await call("GET", path, { key }), 400, "invalid_request");
  });
});

describe("a request", () => {
  it.each([
    "TRAINED",
    "Trained",
    "-x",
    "a_b",
    "a%20b",
    "%E4",
    "%zz",
    "%00",
    "%2e%2e%2ftrained",
    "x".repeat(41),
    "__proto__",
  ])("is refused if its path has the head %j", async (slug) =>
    expectProblem(await call("GET", `/v1/heads/${slug}`, { key }), 400, "invalid_request"),
  );

  it.each(["/v1/heads/..", "/v1/heads/%2e%2e", "/v1/heads/trained/../../tenants", "//v1/heads", "/v1/heads/trained/"])(
    "reveals nothing at the path %j",
    async (path) => {
      const { status } = await call("GET", path, { key });
      expect([403, 404]).toContain(status);
    },
  );

  it.each(["0", "-1", "1.5", "x", "9".repeat(30), "NaN"])(
    "is answered with 4xx for the version %j",
    async (version) => {
      const { status } = await call("GET", `/v1/heads/trained/versions/${version}`, { key });
      expect([400, 404]).toContain(status);
    },
  );

  // A number in a path or a query has only digits; Number() accepts more.
  it.each(["0x1", "1e0", "+1", "%201"])("is refused if it has %j in place of a number", async (one) => {
    for (const path of [`/v1/heads/trained/versions/${one}`, `/v1/heads?limit=${one}`]) {
      expectProblem(await call("GET", path, { key }), 400, "invalid_request");
    }
  });

  // The contract answers unknown parameters with 400. Routes without parameters of their own accept none.
  it("is refused with an unknown parameter if the route has none", async () => {
    expectProblem(await call("GET", "/v1/heads/trained?colour=red", { key }), 400, "invalid_request");
  });

  it("is refused with an Idempotency-Key that is empty or over 255 characters", async () => {
    for (const name of ["", '""', "k".repeat(256)]) {
      const headers = { "Idempotency-Key": name };
      const answer = await call("POST", `/v1/heads/trained/jobs`, { key, body: {}, headers });
      expectProblem(answer, 400, "invalid_request");
    }
  });

  it("is answered as without a Last-Event-ID if that is invalid", async () => {
    const [job] = (await must<{ data: { id: string }[] }>("GET", "/v1/heads/trained/jobs", { key })).data;
    for (const last of ["x", "-1", "9".repeat(40)]) {
      const headers = { Accept: "text/event-stream", "Last-Event-ID": last };
      const { status, text } = await call("GET", `/v1/heads/trained/jobs/${job?.id}/events`, { key, headers });
      expect({ status, whole: text.includes('"phase":"queued"') }).toEqual({ status: 200, whole: true });
    }
  });
});
