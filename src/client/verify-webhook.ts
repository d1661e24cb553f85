// Verifies webhooks of the service for their receivers: the sender has the secret, and the request is fresh.
import { fromBase64, utf8 } from "../core/bytes.ts";
import type { Clock } from "../core/clock.ts";
import { keyOfSecret, signedBytes } from "../core/standard-webhooks.ts";

/** Why a webhook was refused. Respond 401, and do not apply it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

/** The form of `Request.headers`, of Node's `request.headers`, or a plain object. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  readonly now?: Clock;
  /** Most seconds between now and the webhook's timestamp, in either direction. */
  readonly toleranceSeconds?: number;
}

export interface VerifiedWebhook {
  /** The id of the event, which is the same in every attempt. Store it, and process each event once. */
  readonly id: string;
  readonly sentAt: Date;
}

const TOLERANCE_SECONDS = 300;

/** `rawBody`: the unparsed bytes as received. Returns the verified webhook, or throws a WebhookError. */
export async function verifyWebhook(
  headers: WebhookHeaders,
  rawBody: string | Uint8Array,
  secrets: string | readonly string[],
  { now = Date.now, toleranceSeconds = TOLERANCE_SECONDS }: VerifyOptions = {},
): Promise<VerifiedWebhook> {
  const id = headerOf(headers, "webhook-id");
  const seconds = headerOf(headers, "webhook-timestamp");
  const signatures = headerOf(headers, "webhook-signature");
  if (!/^\d{1,12}$/.test(seconds)) throw new WebhookError("webhook-timestamp is not a number of seconds");
  if (Math.abs(now() / 1_000 - Number(seconds)) > toleranceSeconds)
    throw new WebhookError(`webhook-timestamp is more than ${toleranceSeconds} s from now`);
  const bytes = signedBytes(id, seconds, typeof rawBody === "string" ? utf8(rawBody) : rawBody);
  for (const secret of typeof secrets === "string" ? [secrets] : secrets) {
    if (await isSigned(bytes, signatures, secret)) return { id, sentAt: new Date(Number(seconds) * 1_000) };
  }
  throw new WebhookError("No signature is of this body with this secret");
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const isName = (key: string): boolean => key.toLowerCase() === name;
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key, text]) => isName(key) && text !== undefined)?.[1];
  const text = typeof value === "string" ? value : value?.[0];
  if (!text) throw new WebhookError(`The header ${name} is missing`);
  return text;
}

/** SECURITY: WebCrypto compares in constant time. Of several signatures one must match, because secrets are rotated. */
async function isSigned(bytes: Uint8Array<ArrayBuffer>, signatures: string, secret: string): Promise<boolean> {
  const key = await keyOfSecret(secret);
  for (const signature of signatures.split(" ").slice(0, MOST_SIGNATURES)) {
    const given = signature.startsWith("v1,") ? fromBase64(signature.slice(3)) : null;
    if (given && (await crypto.subtle.verify("HMAC", key, given, bytes))) return true;
  }
  return false;
}

/** A larger number is an attempt to exhaust the receiver. */
const MOST_SIGNATURES = 10;
