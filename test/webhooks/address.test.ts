// The URLs that a caller can make the service request: one table of those that must be refused, in every spelling.
import { describe, expect, it } from "vitest";
import { isOwnRoute, refusalOfAddress } from "../../src/webhooks/address.ts";

const deployed = { allowPrivate: false };
const local = { allowPrivate: true };

const PUBLIC = [
  ...[
    "https://example.com/hook",
    "https://hooks.example.co.uk",
    "https://example.com:443/",
    "https://example.com:8443/x",
  ],
  ...[
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "https://example.com./",
    "https://1.1.1.1/",
    "https://8.8.8.8:9000/",
  ],
  ...[
    "https://[2606:4700:4700::1111]/",
    "https://[2a00:1450:4001:81b::200e]/",
    "https://172.32.0.1/",
    "https://100.128.0.1/",
  ],
  ...["https://internal.example.com/", "https://localhost.example.com/", "https://169.254.169.254.example.com/"],
];

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  "loopback, as it is and in other spellings": [
    ...["127.0.0.1", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1"],
    ...["017700000001", "0x7F.1", "127.0.0.1.", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "１２７.０.０.１", "①②⑦.⓪.⓪.①"],
    ...["127。0。0。1", "0", "0.0.0.0", "0x0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[0000::0001]"],
  ],
  "private, shared and link-local networks": [
    ...["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "100.64.0.1"],
    ...["100.127.255.255", "169.254.1.1", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[fe80::1]", "[febf::1]"],
    ...["[fc00::1]", "[fd12:3456:789a::1]", "[fec0::1]"],
  ],
  "metadata of clouds": [
    ...["169.254.169.254", "169.254.170.2", "metadata.google.internal", "METADATA.google.Internal.", "100.100.100.200"],
    ...["192.0.0.192", "168.63.129.16", "[fd00:ec2::254]", "metadata", "instance-data"],
  ],
  "IPv4 inside IPv6": [
    ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"],
    ...[
      "[64:ff9b::7f00:1]",
      "[64:ff9b::10.0.0.1]",
      "[64:ff9b:1::1]",
      "[2002:7f00:1::]",
      "[2002:a00:1::1]",
      "[2001::1]",
    ],
    ...["[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[::ffff:8.8.8.8]"],
  ],
  "multicast, reserved and documentation": [
    ...["224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.7", "203.0.113.9"],
    ...[
      "198.18.0.1",
      "198.19.255.255",
      "192.88.99.1",
      "[ff02::1]",
      "[2001:db8::1]",
      "[3fff::1]",
      "[2001:2::1]",
      "[100::1]",
    ],
    ...["[4000::1]", "[1fff::1]"],
  ],
  "names that are of a network, or of any address": [
    ...[
      "localhost",
      "LOCALHOST",
      "localhost.",
      "ｌｏｃａｌｈｏｓｔ",
      "a.localhost",
      "localhost.localdomain",
      "printer.local",
    ],
    ...[
      "vault.internal",
      "app.svc.cluster.local",
      "router.lan",
      "nas.home",
      "nas.home.arpa",
      "wiki.corp",
      "intranet",
      "a.intranet",
    ],
    ...[
      "kubernetes.default.svc",
      "db.prod.svc",
      "api.svc.",
      "vault.service.consul",
      "1.0.0.127.in-addr.arpa",
      "x.test",
    ],
    ...["127.0.0.1.nip.io", "10-0-0-1.sslip.io", "localtest.me", "a.lvh.me", "vault.internal.", "vault.internal.."],
  ],
};

const MALFORMED = [
  ...["example.com..", "example.com...", "a..example.com", ".example.com", "127.0.0.1..", "localhost..", "10.0.0.1..."],
  ...[
    "metadata.google.internal..",
    "169.254.169.254..",
    ".",
    "..",
    "-a.example.com",
    "a-.example.com",
    "a!b.example.com",
  ],
  ...[`${"a".repeat(64)}.example.com`, `${"a.".repeat(130)}example.com`, "example.1", "example.0x7f"],
];

const HOOKS = [
  ...["https://example.com/v1/hooks/src_00000000000000000000", "https://example.com/v1/hooks/src_x?y#z"],
  ...[
    "https://example.com/a/../v1/hooks/src_x",
    "https://example.com/v1/%68ooks/src_x",
    "https://example.com//v1/hooks/src_x",
  ],
  ...[
    "https://example.com/v1/hooks/%73rc_x",
    "https://example.com/v1%2fhooks/src_x",
    "https://example.com:8443/V1/hooks/src_x",
  ],
];

describe.each([
  ["a deployed service", deployed],
  ["a service that allows private endpoints", local],
])("%s", (_, rules) => {
  it.each(MALFORMED)("refuses %s, which is not a valid host name", (host) => {
    expect(refusalOfAddress(`https://${host}/`, rules)).toEqual(expect.stringMatching(/^must /));
  });

  it.each(HOOKS)("refuses %s, which is the address of a source", (url) => {
    expect(refusalOfAddress(url, rules)).toEqual(expect.stringMatching(/^must not be the address of a source/));
  });

  it.each([
    "https://example.com/v1/hooks/other",
    "https://example.com/hooks/src_x",
    "https://example.com/x/v1/hooks/src_x",
  ])("accepts %s", (url) => {
    expect(refusalOfAddress(url, rules)).toBeNull();
  });
});

it.each(["http://example.com/", "https://localhost/"])(
  "the refusal of %s names the setting that allows it for local trials",
  (url) => {
    expect(refusalOfAddress(url, deployed)).toContain("ALLOW_PRIVATE_ENDPOINTS");
  },
);

describe("a route of the service itself", () => {
  const here = "http://api.example.com:8787/v1/endpoints";

  it.each([
    "http://api.example.com:8787/v1/hooks/x",
    "https://API.example.com.:8787/v1/heads",
    "http://api.example.com:8787/%761/x",
  ])("is recognised as %s", (url) => {
    expect(isOwnRoute(url, here)).toBe(true);
  });

  it.each(["http://api.example.com:8788/v1/x", "http://example.com:8787/v1/x", "http://api.example.com:8787/receive"])(
    "is not %s",
    (url) => {
      expect(isOwnRoute(url, here)).toBe(false);
    },
  );
});

describe("a deployed service", () => {
  it.each(PUBLIC)("accepts %s", (url) => {
    expect(refusalOfAddress(url, deployed)).toBeNull();
  });

  for (const [what, hosts] of Object.entries(HOSTS)) {
    it.each(hosts.flatMap((host) => [`https://${host}/`, `https://${host}:8443/hook?x#y`]))(
      `refuses ${what}: %s`,
      (url) => {
        expect(refusalOfAddress(url, deployed)).toEqual(expect.stringMatching(/^must /));
      },
    );
  }

  it.each([
    ...[
      "http://example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "javascript:alert(1)",
      "ws://example.com/",
    ],
    ...[
      "//example.com/",
      "example.com",
      "/hook",
      "",
      " ",
      "https://",
      "https:///",
      "https://[::1",
      "https://256.1.1.1/",
      "https://1.2.3.4.5/",
    ],
    ...[
      "https://user@example.com/",
      "https://user:pass@example.com/",
      "https://:pass@example.com/",
      "https://example.com@127.0.0.1/",
    ],
    ...[
      "https://127.0.0.1\\@example.com/",
      "https://example.com\\@127.0.0.1/",
      "ht\ntps://127.0.0.1/",
      "https://127.0.\t0.1/",
    ],
    ...[
      "https://[fe80::1%25eth0]/",
      "https://example.com:22/",
      "https://example.com:25/",
      "https://example.com:80/",
      "https://example.com:0/",
    ],
    ...["https://example.com:65536/", `https://example.com/${"x".repeat(2_000)}`],
  ])("refuses %j", (url) => {
    expect(refusalOfAddress(url, deployed)).toEqual(expect.stringMatching(/^must /));
  });
});

describe("a service that allows private endpoints", () => {
  it.each(["http://127.0.0.1:9000/", "http://localhost/", "https://10.0.0.1/", "http://example.com:80/"])(
    "accepts %s",
    (url) => {
      expect(refusalOfAddress(url, local)).toBeNull();
    },
  );

  it.each(["ftp://127.0.0.1/", "file:///etc/passwd", "http://user@127.0.0.1/", "nonsense"])(
    "refuses %s all the same",
    (url) => {
      expect(refusalOfAddress(url, local)).toEqual(expect.stringMatching(/^must /));
    },
  );
});
