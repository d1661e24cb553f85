// The headers that are stored with a failed delivery: those that a mapping may read, up to a limit.
import { expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { keptHeaders } from "../../src/webhooks/kept-headers.ts";
import { secretHeadersOf, settingsOf } from "../../src/webhooks/source.ts";

const namesOf = (headers: [string, string][], secret: readonly string[] = []) =>
  keptHeaders(headers, secret).map(([name]) => name);

it("the stored headers exclude credentials, signatures, addresses, and the header with the source's own signature", () => {
  const headers: [string, string][] = [
    ["x-github-event", "issues"],
    ["authorization", "Bearer t"],
    ["cookie", "a=b"],
    ["x-hub-signature-256", "sha256=0"],
    ["cf-connecting-ip", "192.0.2.1"],
    ["X-Proof", "t"],
  ];
  for (const signing of [
    { scheme: "hmac-sha256", hmac: { header: "x-proof" } },
    { scheme: "static-token", token: { header: "X-PROOF" } },
  ] as const) {
    const secret = secretHeadersOf(settingsOf({ ...signing, action: "train" }));
    expect(namesOf(headers, secret)).toEqual(["x-github-event"]);
  }
});

it("the stored headers are the shortest ones if there are too many or they are too long", () => {
  const long: [string, string] = ["x-long", "x".repeat(LIMITS.deliveryHeaderChars)];
  const many = Array.from({ length: LIMITS.headersPerDelivery + 5 }, (_, i): [string, string] => [`x-${i}`, "v"]);
  expect(namesOf([long, ["x-event", "made"]])).toEqual(["x-event"]);
  expect(namesOf(many).length).toBe(LIMITS.headersPerDelivery);
});
