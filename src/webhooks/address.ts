// Whether the service may send a request to a URL that a caller gave it. Checked when the URL is given, and again before each
// request.
//
// SECURITY: the WHATWG parser, which fetch uses too, has turned every spelling of an address (octal, hex, short, full-width,
// percent-encoded) into one form before anything is compared. What remains is a public name that resolves to a private
// address: a Worker can resolve none before it fetches. A deployed one has no private network to reach; `wrangler dev` has,
// so do not let strangers give URLs to a service on your own machine.
import { LIMITS } from "../core/limits.ts";

export interface AddressRules {
  /** Takes http, and any host: for local development. */
  readonly allowPrivate: boolean;
}

/** What is wrong with `url`, as the end of a sentence about it; null when nothing is. */
export function refusalOfAddress(url: string, { allowPrivate }: AddressRules): string | null {
  const isText = url.length <= LIMITS.urlChars && !MISREAD.test(url);
  const parsed = isText && URL.canParse(url) ? new URL(url) : null;
  if (!parsed) return `must be a URL of at most ${LIMITS.urlChars} characters`;
  if (parsed.username !== "" || parsed.password !== "") return "must not hold a user name or password";
  if (allowPrivate) return ["https:", "http:"].includes(parsed.protocol) ? null : "must be https or http";
  if (parsed.protocol !== "https:") return "must be https";
  if (parsed.port !== "" && Number(parsed.port) < LOWEST_FREE_PORT)
    return `must have the port 443, or one from ${LOWEST_FREE_PORT}: others are of other services`;
  return isPublicHost(parsed.hostname) ? null : "must be a public host: this one is private, local or reserved";
}

const LOWEST_FREE_PORT = 1_024;
/** What other parsers than the WHATWG one read otherwise: backslashes, white space, control characters. */
const MISREAD = /[\\\s\p{Cc}]/u;

function isPublicHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return isPublicIpv6(groupsOf(hostname.slice(1, -1)));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return isPublicIpv4(hostname.split(".").map(Number));
  return isPublicName(hostname.replace(/\.+$/, ""));
}

/** Names that are never public (RFC 6761, 6762, 8375 and what networks use inside), or that answer with any address. */
const PRIVATE_SUFFIXES = [
  ...["localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "lan", "home", "home.arpa"],
  ...["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me"],
];

/** A name without a dot is looked up in the network it is asked from. */
const isPublicName = (name: string): boolean =>
  name.includes(".") && !PRIVATE_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));

/** Address and prefix length of what is not public (IANA's registry of special-purpose addresses, RFC 6890). */
const PRIVATE_IPV4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"], // the last: metadata of a cloud, in a public range
].map((range) => {
  const [address, bits] = range.split("/") as [string, string];
  return { address: numberOf(address.split(".").map(Number)), size: 2 ** (32 - Number(bits)) };
});

const isPublicIpv4 = (bytes: readonly number[]): boolean => {
  const address = numberOf(bytes);
  return !PRIVATE_IPV4.some((range) => address >= range.address && address < range.address + range.size);
};

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/**
 * Only 2000::/3 is routed, which leaves out loopback, unique local, link-local, multicast, mapped and compatible IPv4 and
 * NAT64; of it not 2001::/23 (protocols, Teredo), 2001:db8::/32 and 3fff::/20 (documentation), 2002::/16 (6to4).
 */
function isPublicIpv6([first = 0, second = 0]: readonly number[]): boolean {
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001) return second >= 0x0200 && second !== 0x0db8;
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
}

/** The eight groups of an IPv6 address as the URL parser writes it. */
function groupsOf(address: string): number[] {
  const [left = "", right = ""] = address.split("::");
  const numbers = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => Number(`0x${group}`)));
  const [head, tail] = [numbers(left), numbers(right)];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
