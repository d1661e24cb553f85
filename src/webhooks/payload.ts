// Parses a delivery's body, once its signature is verified: JSON, or a URL-encoded form. Numbers keep their digits (exact-number.ts).
import type { DeliveryReason } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { parseExact } from "./exact-number.ts";
import { formFields, jsonOfForm, objectOfForm } from "./form.ts";

export type Payload = { readonly payload: unknown } | { readonly reason: DeliveryReason };

const refused = (detail: string): Payload => ({ reason: { code: "unmappable", detail } });

export function parsePayload(body: Uint8Array): Payload {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    return payloadIn(text);
  } catch {
    return refused("The payload is neither JSON nor a URL-encoded form, in UTF-8");
  }
}

/** JSON, the JSON that a form carries, or the fields of a form. Throws where it is none of them. */
function payloadIn(text: string): Payload {
  const fields = formFields(text);
  if (fields === null) return jsonIn(text);
  const json = jsonOfForm(fields);
  return json === null ? { payload: objectOfForm(fields) } : jsonIn(json);
}

function jsonIn(json: string): Payload {
  if (isTooDeep(JSON.parse(json))) return refused(`The payload is nested deeper than ${LIMITS.payloadDepth} levels`);
  return { payload: parseExact(json) };
}

/** Walks without recursion: a value nested a million deep overflows the stack of whoever copies it. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.payloadDepth) return true;
    level = level.flatMap((item) => (item !== null && typeof item === "object" ? Object.values(item) : []));
  }
  return false;
}
