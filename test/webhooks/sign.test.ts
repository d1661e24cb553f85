// Signatures of outgoing webhooks: the standard's library accepts ours, and our function for receivers accepts the library's.
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "../../src/client/verify-webhook.ts";
import { systemRandom } from "../../src/core/random.ts";
import { makeWebhookSecret } from "../../src/core/standard-webhooks.ts";
import { webhookHeaders } from "../../src/webhooks/sign.ts";

const NOW = Date.now();
const [secret, other] = [makeWebhookSecret(systemRandom), makeWebhookSecret(systemRandom)];
const BODY = JSON.stringify({
  type: "version.promoted",
  timestamp: "2026-11-23T00:00:00.000Z",
  data: { head: "späti ☕" },
});
const sign = (secrets: readonly string[], id = "msg_1") => webhookHeaders({ id, body: BODY, secrets }, NOW);
const verify = (
  headers: Record<string, string>,
  body: string | Uint8Array = BODY,
  secrets: string | string[] = secret,
  now = NOW,
) => verifyWebhook(headers, body, secrets, { now: () => now });

describe("an outgoing webhook", () => {
  it("is verified by the standard's library with the new secret and with the old one", async () => {
    const headers = await sign([secret, other]);
    for (const one of [secret, other])
      expect(new Webhook(one).verify(BODY, headers)).toMatchObject({ type: "version.promoted" });
    expect(() => new Webhook(makeWebhookSecret(systemRandom)).verify(BODY, headers)).toThrow("No matching signature");
  });

  // This example occurs in the specification's libraries in every language.
  it("has the signature of the specification's example", async () => {
    const unsigned = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      body: '{"test": 2432232314}',
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    };
    expect(await webhookHeaders(unsigned, 1_614_265_330_000)).toEqual({
      "webhook-id": unsigned.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("is signed with a secret of 24 to 64 bytes", () => {
    const bytes = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    expect(bytes.length).toBeGreaterThanOrEqual(24);
    expect(bytes.length).toBeLessThanOrEqual(64);
  });
});

describe("verifyWebhook", () => {
  it("accepts what the standard's library signs, as text and as bytes, with any of several secrets", async () => {
    const headers = {
      "Webhook-Id": "msg_2",
      "webhook-timestamp": String(Math.floor(NOW / 1_000)),
      "WEBHOOK-SIGNATURE": new Webhook(secret).sign("msg_2", new Date(NOW), BODY),
    };
    const expected = { id: "msg_2", sentAt: new Date(Math.floor(NOW / 1_000) * 1_000) };
    expect(await verify(headers)).toEqual(expected);
    expect(await verify(headers, new TextEncoder().encode(BODY), [other, secret])).toEqual(expected);
    expect(await verifyWebhook(new Headers(headers), BODY, secret)).toEqual(expected);
  });

  it("accepts one valid signature among others, and ignores those of another version", async () => {
    const headers = await sign([other, secret]);
    const signatures = headers["webhook-signature"] as string;
    await verify({ ...headers, "webhook-signature": `v1a,AAAA v2,x ${signatures}` });
    await expect(verify({ ...headers, "webhook-signature": signatures.replaceAll("v1,", "v2,") })).rejects.toThrow(
      "No signature",
    );
  });

  it.each([
    ["a changed body", {}, `${BODY} `],
    ["another id", { "webhook-id": "msg_3" }, BODY],
    ["another timestamp", { "webhook-timestamp": String(Math.floor(NOW / 1_000) + 1) }, BODY],
    ["no id", { "webhook-id": "" }, BODY],
    ["no timestamp", { "webhook-timestamp": "" }, BODY],
    ["no signature", { "webhook-signature": "" }, BODY],
    ["a timestamp that is no number", { "webhook-timestamp": "NaN" }, BODY],
    ["a timestamp in hex", { "webhook-timestamp": "0x69230000" }, BODY],
    ["a negative timestamp", { "webhook-timestamp": "-1" }, BODY],
    ["a signature that is no base64", { "webhook-signature": "v1,%%%" }, BODY],
    ["an empty signature", { "webhook-signature": "v1," }, BODY],
  ])("refuses %s", async (_, changed, body) => {
    const headers = Object.fromEntries(
      Object.entries({ ...(await sign([secret])), ...changed }).filter(([, text]) => text !== ""),
    );
    await expect(verify(headers, body)).rejects.toMatchObject({ name: "WebhookError" });
  });

  it("refuses another secret, and times more than five minutes away", async () => {
    const headers = await sign([secret]);
    await expect(verify(headers, BODY, other)).rejects.toThrow("No signature");
    await verify(headers, BODY, secret, NOW + 299_000);
    for (const now of [NOW + 302_000, NOW - 302_000])
      await expect(verify(headers, BODY, secret, now)).rejects.toThrow("300 s");
  });
});
