// A delivery's body as JSON, once its signature is known to fit.
import type { DeliveryReason } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";

export type Payload = { readonly payload: unknown } | { readonly reason: DeliveryReason };

const refused = (detail: string): Payload => ({ reason: { code: "unmappable", detail } });

export function parsePayload(body: Uint8Array): Payload {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    const payload = JSON.parse(text) as unknown;
    return isTooDeep(payload)
      ? refused(`The payload is nested deeper than ${LIMITS.payloadDepth} levels`)
      : { payload };
  } catch {
    return refused("The payload is not JSON in UTF-8");
  }
}

/** Walks without recursion: what is nested a million deep would overflow the stack of whoever copies it. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.payloadDepth) return true;
    level = level.flatMap((item) => (item !== null && typeof item === "object" ? Object.values(item) : []));
  }
  return false;
}
