// Hostile NDJSON and CSV: an invalid row affects only that row, and an invalid stream is reported.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { call, makeTenant, makeTextHead, must } from "../support/service.ts";

let key = "";
let head = "";
let heads = 0;
beforeAll(async () => {
  key = (await makeTenant("streams")).key;
});
beforeEach(async () => {
  head = `h-${heads++}`;
  await makeTextHead(key, head);
});

const post = (type: string, body?: string | Uint8Array) =>
  call<UploadResult>("POST", `/v1/heads/${head}/examples`, { key, body, headers: { "Content-Type": type } });
const texts = async () =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples`, { key })).data.map(({ text }) => text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const line = (text: string): string => JSON.stringify({ text, label: "a" });

describe("an NDJSON upload", () => {
  it.each<[string, string | Uint8Array, string]>([
    ["not JSON", "hello", "invalid_json"],
    ["an open brace", "{", "invalid_json"],
    ["two documents on a line", `${line("x")} ${line("y")}`, "invalid_json"],
    ["NaN", '{"features":[NaN],"label":"a"}', "invalid_json"],
    ["a NUL", "\0", "invalid_json"],
    ["a byte that is not UTF-8", latin1('{"text":"caf\xe9","label":"a"}'), "invalid_json"],
    ["a scalar", "7", "invalid_example"],
    ["a list", "[]", "invalid_example"],
    ["a line of over 512 KiB", line("x".repeat(530_000)), "invalid_example"],
    ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), "invalid_example"],
    ["an upload in JSON", `{"examples":[${line("x")}]}`, "invalid_example"],
  ])("rejects %s at its line, and keeps the valid lines around it", async (_, bad, code) => {
    const middle = typeof bad === "string" ? new TextEncoder().encode(bad) : bad;
    const [before, after] = [
      new TextEncoder().encode(`${line("one")}\n`),
      new TextEncoder().encode(`\n${line("two")}\n`),
    ];
    const body = new Uint8Array([...before, ...middle, ...after]);
    const answer = await post("application/x-ndjson", body);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ added: 2, rejected: [{ index: 1, code }], rejected_total: 1 });
    expect(await texts()).toEqual(["one", "two"]);
  });

  it("stops after a thousand consecutive rejected lines, reports the line, and keeps the lines before", async () => {
    const answer = await post("application/x-ndjson", `${line("one")}\n\n${"x\n".repeat(1_500)}${line("two")}\n`);
    expect(answer).toMatchObject({ status: 200, body: { added: 1, rejected_total: 1_000, stopped_at_line: 1_002 } });
    expect(answer.body.rejected.map(({ index, line }) => [index, line])).toEqual(
      Array.from({ length: 1_000 }, (_, i) => [i + 1, i + 3]),
    );
    expect(await texts()).toEqual(["one"]);
  });

  it("continues through any number of rejected lines while there is a valid one among each thousand", async () => {
    const thousand = `${"x\n".repeat(999)}${line("one")}\n`;
    const answer = await post("application/x-ndjson", `${thousand}${thousand}${"x\n".repeat(999)}`);
    expect(answer).toMatchObject({ status: 200, body: { added: 1, unchanged: 1, rejected_total: 2_997 } });
    expect(answer.body).not.toHaveProperty("stopped_at_line");
  });

  it("is answered with zero counts if it is empty", async () => {
    for (const body of [undefined, "", "\n\n"]) {
      expect(await post("application/x-ndjson", body)).toMatchObject({ status: 200, body: { added: 0, rejected: [] } });
    }
  });
});

describe("a CSV upload", () => {
  it.each([
    ["a row of too many fields", "one,a\nx,a,b,c\ntwo,a\n"],
    ["a row of too few fields", "one,a\nx\ntwo,a\n"],
    ["a row without a label", "one,a\nx,\ntwo,a\n"],
    ["a row without a text", "one,a\n,a\ntwo,a\n"],
  ])("rejects %s at its index, and keeps the valid rows around it", async (_, rows) => {
    const answer = await post("text/csv", `text,label\n${rows}`);
    expect(answer).toMatchObject({ status: 200, body: { added: 2, rejected: [{ index: 1 }], rejected_total: 1 } });
    expect(await texts()).toEqual(["one", "two"]);
  });

  it("keeps the rows before a quote that is never closed, and reports the line where reading ended", async () => {
    const answer = await post("text/csv", 'text,label\none,a\ntwo,a\n"three,a\nfour,a\n');
    expect(answer).toMatchObject({
      status: 200,
      body: { added: 2, rejected: [{ index: 2, code: "invalid_example" }] },
    });
    expect(await texts()).toEqual(["one", "two"]);
  });

  it("keeps the rows before a record of over 512 KiB, and reports the line where reading ended", async () => {
    const answer = await post("text/csv", `text,label\none,a\n${"x".repeat(600_000)},a\ntwo,a\n`);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.rejected).toMatchObject([{ index: 1, code: "invalid_example" }]);
    expect(await texts()).toContain("one");
  });

  it("treats a field that begins with = or @ as text", async () => {
    expect(await post("text/csv", "text,label\n=1+1,@a\n")).toMatchObject({ status: 200, body: { added: 1 } });
    expect(await texts()).toEqual(["=1+1"]);
  });

  // The contract requires UTF-8, as for NDJSON. Otherwise a head would be trained on U+FFFD in a CSV that Excel saved by default.
  it("rejects a row that is not UTF-8, as an NDJSON upload does", async () => {
    const answer = await post("text/csv", latin1("text,label\none,a\ncaf\xe9,a\ntwo,a\n"));
    expect(answer).toMatchObject({ status: 200, body: { added: 2, rejected: [{ index: 1 }] } });
  });

  it("accepts a row that contains U+FFFD itself, which is valid UTF-8", async () => {
    const answer = await post("text/csv", "text,label\nlost \ufffd character,a\n");
    expect(answer).toMatchObject({ status: 200, body: { added: 1, rejected: [] } });
    expect(await texts()).toEqual(["lost \ufffd character"]);
  });

  it("reports the line of the file where a rejected row begins, after blank lines and line breaks in quotes", async () => {
    const rows = 'text,label\r\n\r\n"one\r\n1",a\r\nx\r\n\r\n"y\nz",\r\ntwo,a\r\n';
    const answer = await post("text/csv", rows);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        added: 2,
        rejected_total: 2,
        rejected: [
          { index: 1, line: 5 },
          { index: 2, line: 7 },
        ],
      },
    });
  });

  it.each([
    ["blank fields", ",\n"],
    ["blanks", " \n"],
  ])("stops after a thousand consecutive rows of %s, reports the line, and keeps the rows before", async (_, row) => {
    const answer = await post("text/csv", `text,label\none,a\n${row.repeat(5_000)}two,a\n`);
    expect(answer).toMatchObject({ status: 200, body: { added: 1, rejected_total: 1_000, stopped_at_line: 1_002 } });
    expect(await texts()).toEqual(["one"]);
  });

  it("stops after a thousand consecutive rows that the head rejects", async () => {
    const made = { id: "fixed", task: "classification", backbone: "text-embedded", labels: ["a", "b"] };
    await must("POST", "/v1/heads", { key, body: made });
    const rows = Array.from({ length: 3_000 }, (_, i) => `text ${i},c\n`).join("");
    const headers = { "Content-Type": "text/csv" };
    const body = `text,label\none,a\n${rows}`;
    const answer = await call<UploadResult>("POST", "/v1/heads/fixed/examples", { key, body, headers });
    expect(answer).toMatchObject({ status: 200, body: { added: 1 } });
    expect(answer.body.rejected_total).toBeGreaterThanOrEqual(1_000);
    expect(answer.body.rejected_total).toBeLessThan(2_000);
    expect(answer.body.stopped_at_line).toBe(answer.body.rejected_total + 2);
    expect(answer.body.rejected[0]).toMatchObject({ index: 1, line: 3, code: "unknown_label" });
  });

  it("skips any number of blank lines, and reads UTF-16 with its byte order mark", async () => {
    expect(await post("text/csv", `text,label\n${"\n".repeat(100_000)}one,a`)).toMatchObject({ body: { added: 1 } });
    const utf16 = new Uint8Array(new Uint16Array([..."\ufefftext,label\ntwö,a\n"].map((c) => c.charCodeAt(0))).buffer);
    expect(await post("text/csv", utf16)).toMatchObject({ body: { added: 1 } });
    expect(await texts()).toEqual(["one", "twö"]);
  });

  // A missing body was once read as a stream that never ends, which blocked the request until the runtime cancelled it.
  it("is refused without a body", async () => {
    expect((await post("text/csv")).status).toBe(400);
  });
});
