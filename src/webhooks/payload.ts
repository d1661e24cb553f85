// Parses the body of a verified delivery: JSON, or a URL-encoded form. Numbers keep their digits (exact-json.ts).
import type { DeliveryReason } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";
import { readExactJson } from "./exact-json.ts";
import { jsonOfForm, readForm } from "./form.ts";

export type Payload = { readonly payload: unknown } | { readonly reason: DeliveryReason };

const refused = (detail: string): Payload => ({ reason: { code: "unmappable", detail } });

export async function parsePayload(body: Uint8Array, turns = new Turns(HOOK_WORK.perTurn)): Promise<Payload> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    return await payloadIn(text, turns);
  } catch {
    return refused("The payload is neither JSON nor a URL-encoded form, in UTF-8");
  }
}

/** JSON, the JSON in a form, or the fields of a form. Throws if the body is none of these. */
async function payloadIn(text: string, turns: Turns): Promise<Payload> {
  const form = await readForm(text, PAYLOAD_BOUNDS.values, turns);
  if (form === null) return jsonIn(text, turns);
  if ("excess" in form) return refused(`The payload ${form.excess}`);
  const json = jsonOfForm(form.fields);
  return json === null ? { payload: Object.fromEntries(form.fields) } : jsonIn(json, turns);
}

const PAYLOAD_BOUNDS = { values: LIMITS.payloadValues, depth: LIMITS.payloadDepth };

async function jsonIn(json: string, turns: Turns): Promise<Payload> {
  const read = await readExactJson(json, PAYLOAD_BOUNDS, turns);
  return "excess" in read ? refused(`The payload ${read.excess}`) : { payload: read.value };
}
