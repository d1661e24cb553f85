// Decides whether the service may send a request to a URL from a caller. The URL is checked when it is stored, and again before
// each request.
//
// SECURITY: the WHATWG parser, which fetch uses too, converts every spelling of an address (octal, hex, short, full-width,
// percent-encoded) to one form before the comparison. A public name that resolves to a private address is accepted, because a
// Worker cannot resolve a name before it fetches. A deployed Worker has no private network. `wrangler dev` has one, so do not
// let strangers set URLs in a service on your own machine.
import { LIMITS } from "../core/limits.ts";

export interface AddressRules {
  /** Accepts http, and any host: for local development. */
  readonly allowPrivate: boolean;
}

/** The problem with `url`, as the end of a sentence about it; null if there is none. */
export function refusalOfAddress(url: string, rules: AddressRules): string | null {
  const isText = url.length <= LIMITS.urlChars && !MISREAD.test(url);
  const parsed = isText && URL.canParse(url) ? new URL(url) : null;
  if (!parsed) return `must be a URL of at most ${LIMITS.urlChars} characters`;
  if (parsed.username !== "" || parsed.password !== "") return "must not hold a user name or password";
  return refusalOfPlace(parsed, rules) ?? refusalOfHook(parsed);
}

function refusalOfPlace({ protocol, hostname, port }: URL, { allowPrivate }: AddressRules): string | null {
  if (protocol !== "https:" && !(allowPrivate && protocol === "http:"))
    return allowPrivate ? "must be https or http" : `must be https${LOCALLY}`;
  if (!isAddress(hostname) && !isName(withoutDot(hostname)))
    return "must have a host name whose labels are letters, digits and hyphens, none of them empty";
  if (allowPrivate) return null;
  if (port !== "" && Number(port) < LOWEST_FREE_PORT)
    return `must have the port 443, or one from ${LOWEST_FREE_PORT}: others are of other services`;
  return isPublicHost(hostname) ? null : `must be a public host: this one is private, local or reserved${LOCALLY}`;
}

const LOCALLY = "; to send to your own machine, start the service there with ALLOW_PRIVATE_ENDPOINTS set to true";

/**
 * SECURITY: an event that is sent to a source of this service would cause further events, without end. The service may have host
 * names that it does not know, so the path decides.
 */
const refusalOfHook = ({ pathname }: URL): string | null =>
  HOOK.test(decodedPath(pathname))
    ? "must not be the address of a source: the service would send events to itself"
    : null;

const HOOK = /^\/+v1\/+hooks\/+src_/i;

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // no route has such a path
  }
}

/** Whether `url` is a route of the service that received a request at `requestUrl`. The URL scheme does not matter. */
export function isOwnRoute(url: string, requestUrl: string): boolean {
  const [there, here] = [new URL(url), new URL(requestUrl)];
  const isHere = withoutDot(there.hostname) === withoutDot(here.hostname) && there.port === here.port;
  return isHere && /^\/+v1\//i.test(decodedPath(there.pathname));
}

/** Removes the dot of the DNS root, which may end a name once. */
const withoutDot = (hostname: string): string => hostname.replace(/\.$/, "");

const isAddress = (hostname: string): boolean => hostname.startsWith("[") || IPV4.test(hostname);
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** Labels that resolvers accept (RFC 1123, and the underscore that some use); the last one is not a number. */
const isName = (name: string): boolean =>
  name.length <= LIMITS.hostNameChars &&
  name.split(".").every((label) => LABEL.test(label)) &&
  !/(^|\.)\d[^.]*$/.test(name);

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const LOWEST_FREE_PORT = 1_024;
/** Characters that other parsers read differently from the WHATWG parser: backslashes, white space, control characters. */
const MISREAD = /[\\\s\p{Cc}]/u;

function isPublicHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return isPublicIpv6(groupsOf(hostname.slice(1, -1)));
  if (IPV4.test(hostname)) return isPublicIpv4(hostname.split(".").map(Number));
  return isPublicName(withoutDot(hostname));
}

/**
 * Names that are never public (RFC 2606, 6761, 6762, 7686, 8375, 9476, and common names of internal networks), or that resolve to
 * any address.
 */
const PRIVATE_SUFFIXES = [
  ...["localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "lan", "home", "arpa", "alt"],
  ...["svc", "cluster", "consul", "test", "invalid", "onion"],
  ...["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me"],
];

/** A name without a dot is resolved in the network of the resolver. */
const isPublicName = (name: string): boolean =>
  name.includes(".") && !PRIVATE_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));

/** Address ranges that are not public (IANA's registry of special-purpose addresses, RFC 6890). */
const PRIVATE_IPV4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"], // the last one: metadata service of a cloud, in a public range
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
 * Accepts only 2000::/3, the routed range, which excludes loopback, unique local, link-local, multicast, mapped and compatible IPv4
 * and NAT64. Within it, excludes 2001::/23 (protocols, Teredo), 2001:db8::/32 and 3fff::/20 (documentation), 2002::/16 (6to4).
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
