// Parses a delivery's body, once its signature is verified: JSON, or a URL-encoded form. Numbers keep their digits (exact-number.ts).
import type { DeliveryReason } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { withDigits } from "./exact-number.ts";
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
  const parsed: unknown = JSON.parse(json);
  const problem = problemWithShape(parsed);
  return problem === null ? { payload: withDigits(json, parsed) } : refused(`The payload ${problem}`);
}

/** What is wrong with how a payload is nested, or how much it holds; null when nothing is. */
export function problemWithShape(value: unknown): string | null {
  let level = [value];
  let values = 0;
  // Without recursion: a value nested a million deep overflows the stack of whoever copies it.
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > LIMITS.payloadDepth) return `is nested deeper than ${LIMITS.payloadDepth} levels`;
    if (values > LIMITS.payloadValues) return `holds more than ${LIMITS.payloadValues} values`;
    level = level.flatMap((item) => (item !== null && typeof item === "object" ? Object.values(item) : []));
  }
  return null;
}
