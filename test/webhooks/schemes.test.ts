// The signature schemes with their senders: the published vectors, and the shared suite that all schemes must pass.
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import senders from "../../fixtures/webhooks/senders.json";
import { type HmacOptions, hmacOptions } from "../../src/contract/scheme-options.ts";
import type { SchemeName } from "../../src/contract/sources.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { schemeOf } from "../../src/webhooks/schemes/registry.ts";
import { verificationFailure } from "../../src/webhooks/verify.ts";
import { testScheme } from "../suites/scheme.suite.ts";
import {
  githubHeaders,
  hmac,
  type SignedHeaders,
  seconds,
  standardAsymmetricHeaders,
  standardHeaders,
  stripeHeaders,
} from "../support/signing.ts";

interface Sender {
  readonly sender: string;
  readonly scheme: SchemeName;
  readonly options: HmacOptions;
  readonly secret: string;
  readonly body: string;
  readonly headers: SignedHeaders;
  readonly at: number;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const WHSEC = [`whsec_${base64("a".repeat(32))}`, `whsec_${base64("b".repeat(32))}`] as const;
const TEXT = ["one secret of many", "another secret"] as const;

/** The key pair of the tests of Svix's server, which introduced `v1a`. */
const PAIR = Buffer.from(
  "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  "base64",
);
/** Test 2 of RFC 8032, 7.1. */
const SEED_2 = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex");
const PUBLIC_2 = Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex");
const SEEDS = [PAIR.subarray(0, 32), SEED_2] as const;
const PUBLIC = [`whpk_${PAIR.subarray(32).toString("base64")}`, `whpk_${PUBLIC_2.toString("base64")}`] as const;

const standard = {
  scheme: schemeOf("standard-webhooks"),
  signatureHeader: "webhook-signature",
  timestampHeader: "webhook-timestamp",
  joined: (first: string, second: string) => `${first} ${second}`,
};
const VECTOR = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: '{"test": 2432232314}' };
const vectorOf = (from: string, secret: string, signature: string) => ({
  from,
  secret,
  body: VECTOR.body,
  at: Number(VECTOR.timestamp) * 1_000,
  headers: { "webhook-id": VECTOR.id, "webhook-timestamp": VECTOR.timestamp, "webhook-signature": signature },
});
const V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
const VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

testScheme("standard-webhooks, v1", {
  ...standard,
  secrets: WHSEC,
  sign: (index, body, at) => standardHeaders(WHSEC[index], body, at, "msg_1"),
  vectors: [
    vectorOf("the reference library", VECTOR_SECRET, V1),
    vectorOf("the specification, both kinds in one header", VECTOR_SECRET, `${V1A} ${V1}`),
  ],
});

/** The headers of Standard Webhooks under the names that Svix gives them. */
const asSvix = (headers: SignedHeaders): SignedHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace("webhook-", "svix-"), value]));

testScheme("standard-webhooks, with the headers of Svix", {
  ...standard,
  signatureHeader: "svix-signature",
  timestampHeader: "svix-timestamp",
  secrets: WHSEC,
  sign: (index, body, at) => asSvix(standardHeaders(WHSEC[index], body, at, "msg_1")),
  vectors: [],
});

testScheme("standard-webhooks, v1a", {
  ...standard,
  secrets: PUBLIC,
  sign: (index, body, at) => standardAsymmetricHeaders(SEEDS[index], body, at),
  vectors: [vectorOf("the specification", PUBLIC[0], V1A)],
});

testScheme("github", {
  scheme: schemeOf("github"),
  secrets: TEXT,
  sign: (index, body) => githubHeaders(TEXT[index], body),
  signatureHeader: "X-Hub-Signature-256",
  timestampHeader: null,
  vectors: [
    {
      from: "GitHub's documentation",
      secret: "It's a Secret to Everybody",
      body: "Hello, World!",
      at: 0,
      headers: {
        "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      },
    },
  ],
});

testScheme("stripe", {
  scheme: schemeOf("stripe"),
  secrets: TEXT,
  sign: (index, body, at) => {
    const [time, signature] = (stripeHeaders(TEXT[index], body, at)["Stripe-Signature"] as string).split(",");
    return { "Stripe-Signature": `${time},${signature}` };
  },
  signatureHeader: "Stripe-Signature",
  timestampHeader: "Stripe-Signature",
  withTime: (header, text) => header.replace(/t=\d+/, `t=${text}`),
  joined: (first, second) => `${first},${second.split(",")[1]}`,
  // Stripe publishes how it signs, but no vector. This vector was computed with Node's crypto according to that description.
  vectors: [
    {
      from: "Stripe's description, with its v0 beside",
      secret: "whsec_test_secret",
      body: '{"id":"evt_1"}',
      headers: stripeHeaders("whsec_test_secret", '{"id":"evt_1"}', 1_492_774_577_000),
      at: 1_492_774_577_000,
    },
  ],
});

const hmacHeaders = (index: 0 | 1, body: string): SignedHeaders => ({ "X-Signature": hmac(TEXT[index], body, "hex") });

testScheme("hmac-sha256, as it is without options", {
  scheme: schemeOf("hmac-sha256"),
  secrets: TEXT,
  sign: hmacHeaders,
  signatureHeader: "X-Signature",
  timestampHeader: null,
  vectors: [],
});

const SLACK_BODY =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

testScheme("hmac-sha256, as Slack signs", {
  scheme: schemeOf("hmac-sha256"),
  options: {
    header: "X-Slack-Signature",
    prefix: "v0=",
    timestamp_header: "X-Slack-Request-Timestamp",
    signed: "v0:{timestamp}:{body}",
  },
  secrets: TEXT,
  sign: (index, body, at) => ({
    "X-Slack-Request-Timestamp": seconds(at),
    "X-Slack-Signature": `v0=${hmac(TEXT[index], `v0:${seconds(at)}:${body}`, "hex")}`,
  }),
  signatureHeader: "X-Slack-Signature",
  timestampHeader: "X-Slack-Request-Timestamp",
  vectors: [
    {
      from: "Slack's documentation",
      secret: "8f742231b10e8888abcd99yyyzzz85a5",
      body: SLACK_BODY,
      at: 1_531_420_618_000,
      headers: {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      },
    },
  ],
});

testScheme("hmac-sha256, as Zendesk signs", {
  scheme: schemeOf("hmac-sha256"),
  options: {
    header: "X-Zendesk-Webhook-Signature",
    encoding: "base64",
    timestamp_header: "X-Zendesk-Webhook-Signature-Timestamp",
    timestamp_format: "rfc3339",
    signed: "{timestamp}{body}",
  },
  secrets: TEXT,
  sign: (index, body, at) => {
    const time = new Date(at).toISOString();
    return {
      "X-Zendesk-Webhook-Signature-Timestamp": time,
      "X-Zendesk-Webhook-Signature": hmac(TEXT[index], time + body, "base64"),
    };
  },
  signatureHeader: "X-Zendesk-Webhook-Signature",
  timestampHeader: "X-Zendesk-Webhook-Signature-Timestamp",
  vectors: [],
});

testScheme("hmac-sha256, as Box signs: the body before the time", {
  scheme: schemeOf("hmac-sha256"),
  options: {
    header: "BOX-SIGNATURE-PRIMARY",
    encoding: "base64",
    timestamp_header: "BOX-DELIVERY-TIMESTAMP",
    timestamp_format: "iso8601",
    signed: "{body}{timestamp}",
  },
  secrets: TEXT,
  sign: (index, body, at) => {
    const time = new Date(at).toISOString();
    return { "BOX-DELIVERY-TIMESTAMP": time, "BOX-SIGNATURE-PRIMARY": hmac(TEXT[index], body + time, "base64") };
  },
  signatureHeader: "BOX-SIGNATURE-PRIMARY",
  timestampHeader: "BOX-DELIVERY-TIMESTAMP",
  vectors: [],
});

testScheme("hmac-sha256, with the time in milliseconds", {
  scheme: schemeOf("hmac-sha256"),
  options: { timestamp_header: "X-Time", timestamp_format: "unix_ms", signed: "{timestamp}:{body}" },
  secrets: TEXT,
  sign: (index, body, at) => ({ "X-Time": String(at), "X-Signature": hmac(TEXT[index], `${at}:${body}`, "hex") }),
  signatureHeader: "X-Signature",
  timestampHeader: "X-Time",
  vectors: [],
});

testScheme("hmac-sha256, with signature and time as parts of one header", {
  scheme: schemeOf("hmac-sha256"),
  options: { header: "Paddle-Signature", signature_part: "h1", timestamp_part: "ts", signed: "{timestamp}:{body}" },
  secrets: TEXT,
  sign: (index, body, at) => ({
    "Paddle-Signature": `ts=${seconds(at)};h1=${hmac(TEXT[index], `${seconds(at)}:${body}`, "hex")}`,
  }),
  signatureHeader: "Paddle-Signature",
  timestampHeader: "Paddle-Signature",
  withTime: (header, text) => header.replace(/ts=\d+/, `ts=${text}`),
  joined: (first, second) => `${first};${second.split(";")[1]}`,
  vectors: [],
});

for (const algorithm of ["sha1", "sha512"] as const)
  testScheme(`hmac-sha256 told to use ${algorithm}`, {
    scheme: schemeOf("hmac-sha256"),
    options: { algorithm, header: "X-Hub-Signature", prefix: `${algorithm}=` },
    secrets: TEXT,
    sign: (index, body) => ({ "X-Hub-Signature": `${algorithm}=${hmac(TEXT[index], body, "hex", algorithm)}` }),
    signatureHeader: "X-Hub-Signature",
    timestampHeader: null,
    vectors: [],
  });

testScheme("static-token, in the header Authorization", {
  scheme: schemeOf("static-token"),
  secrets: TEXT,
  sign: (index) => ({ Authorization: `Bearer ${TEXT[index]}` }),
  signatureHeader: "Authorization",
  timestampHeader: null,
  vectors: [],
});

testScheme("static-token, in a header of its own", {
  scheme: schemeOf("static-token"),
  options: { header: "X-Gitlab-Token" },
  secrets: TEXT,
  sign: (index) => ({ "X-Gitlab-Token": TEXT[index] }),
  signatureHeader: "X-Gitlab-Token",
  timestampHeader: null,
  vectors: [],
});

describe("hmac-sha256 without a format of its times", () => {
  const AT = 1_790_000_000_123;
  const verdict = async (time: string, signed: string, template?: string) => {
    const options = { timestamp_header: "X-Time", signed: template };
    const headers = new Headers({ "X-Time": time, "X-Signature": hmac(TEXT[0], signed, "hex") });
    const request = { headers, body: utf8("{}") };
    return (await verificationFailure(schemeOf("hmac-sha256"), request, [TEXT[0]], options, AT))?.code ?? "taken";
  };

  it.each([seconds(AT), String(AT), new Date(AT).toISOString()])("accepts %s", async (time) => {
    expect(await verdict(time, `${time}.{}`)).toBe("taken");
  });

  it("never reads seconds and digits of the body as milliseconds", async () => {
    for (const template of ["{timestamp}{body}", "{body}{timestamp}"])
      expect(await verdict(String(AT), template === "{timestamp}{body}" ? `${AT}{}` : `{}${AT}`, template)).not.toBe(
        "taken",
      );
  });
});

describe("the senders of fixtures/webhooks", () => {
  const requestOf = ({ headers, body }: Sender, other = body) => ({
    headers: new Headers(headers),
    body: utf8(other),
  });

  it.each(senders as readonly Sender[])(
    "$sender is accepted with the given options, and with no other secret",
    async (sender) => {
      const { options, secret, at } = sender;
      const scheme = schemeOf(sender.scheme);
      expect(hmacOptions.safeParse(options).success).toBe(true);
      expect(schemeOf("hmac-sha256").options?.problemWith(options)).toBeNull();
      expect(await verificationFailure(scheme, requestOf(sender), [secret], options, at)).toBeNull();
      const other = `${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`;
      expect(await verificationFailure(scheme, requestOf(sender), [other], options, at)).toMatchObject({
        code: "bad_signature",
      });
      const changed = await verificationFailure(scheme, requestOf(sender, `${sender.body} `), [secret], options, at);
      expect(changed?.code ?? "taken").toBe(scheme.signs ? "bad_signature" : "taken");
    },
  );
});

describe("standard-webhooks with its reference library", () => {
  const body = '{"text":"née ✓"}';
  const now = Date.now();
  const verdict = async (headers: SignedHeaders, secret: string) =>
    await verificationFailure(standard.scheme, { headers: new Headers(headers), body: utf8(body) }, [secret], {}, now);

  it("accepts what the library signs, and signs what the library accepts", async () => {
    const library = new Webhook(WHSEC[0]);
    const signature = library.sign("msg_2", new Date(now), body);
    const headers = { "webhook-id": "msg_2", "webhook-timestamp": seconds(now), "webhook-signature": signature };
    expect(await verdict(headers, WHSEC[0])).toBeNull();
    expect(library.verify(body, standardHeaders(WHSEC[0], body, now))).toEqual({ text: "née ✓" });
  });

  it("never mixes the headers of the two families", async () => {
    const headers = standardHeaders(WHSEC[0], body, now, "msg_3");
    const { "svix-id": id = "", ...svix } = asSvix(headers);
    expect(await verdict({ ...svix, "webhook-id": id }, WHSEC[0])).toMatchObject({ code: "bad_signature" });
    const forged = { ...asSvix(headers), "webhook-signature": "v1,AAAA", "webhook-id": "x", "webhook-timestamp": "1" };
    expect(await verdict(forged, WHSEC[0])).toMatchObject({ code: "bad_signature" });
    expect(standard.scheme.nameOf({ headers: new Headers(asSvix(headers)), body: utf8(body) }, null, {})).toBe("msg_3");
  });

  // A public key is no secret: anyone could sign with it if it were accepted as an HMAC secret.
  it("never accepts an HMAC made with a public key, or the reverse", async () => {
    const forged = standardHeaders(PUBLIC[0].replace("whpk_", "whsec_"), body, now);
    expect(await verdict(forged, PUBLIC[0])).toMatchObject({ code: "bad_signature" });
    const renamed = { ...forged, "webhook-signature": forged["webhook-signature"].replace("v1,", "v1a,") };
    expect(await verdict(renamed, PUBLIC[0])).toMatchObject({ code: "bad_signature" });
  });

  // The signed content {id}.{timestamp}.{body} is ambiguous if the id contains a dot.
  it("refuses an id with a dot, which could shift the boundary between id, time and body", async () => {
    const moved = standardHeaders(WHSEC[0], `${seconds(now)}.${body}`, now, "a");
    const headers = { ...moved, "webhook-id": `a.${seconds(now)}` };
    expect(await verdict(headers, WHSEC[0])).toMatchObject({ code: "bad_signature" });
  });
});
