// A delivery's body as a value, once its signature is known to fit: JSON, or a URL-encoded form.
import type { DeliveryReason } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { formFields, jsonOfForm, objectOfForm } from "./form.ts";

export type Payload = { readonly payload: unknown } | { readonly reason: DeliveryReason };

const refused = (detail: string): Payload => ({ reason: { code: "unmappable", detail } });

export function parsePayload(body: Uint8Array): Payload {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    const payload = payloadIn(text);
    return isTooDeep(payload)
      ? refused(`The payload is nested deeper than ${LIMITS.payloadDepth} levels`)
      : { payload };
  } catch {
    return refused("The payload is neither JSON nor a URL-encoded form, in UTF-8");
  }
}

/** JSON, the JSON that a form carries, or the fields of a form. Throws where it is none of them. */
function payloadIn(text: string): unknown {
  const fields = formFields(text);
  if (fields === null) return JSON.parse(text) as unknown;
  const json = jsonOfForm(fields);
  return json === null ? objectOfForm(fields) : (JSON.parse(json) as unknown);
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
