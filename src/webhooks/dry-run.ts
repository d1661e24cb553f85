// A dry-run request: its payload is read as in a delivery, with all digits of its numbers; its other fields have JavaScript
// numbers.
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";
import { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";
import { readExactJson } from "./exact-json.ts";
import { roundedOf } from "./exact-number.ts";

/** `payload` is one level deeper than in a delivery. The mapping in the request counts as well, but is small. */
const BOUNDS = { values: LIMITS.payloadValues, depth: LIMITS.payloadDepth + 1 };

/** The parsed body. Throws a fault if it cannot be read. */
export async function readDryRun(body: Uint8Array): Promise<unknown> {
  const read = await readExactJson(textOf(body), BOUNDS, new Turns(HOOK_WORK.perTurn)).catch(refuseJson);
  if ("excess" in read) throw new Fault("invalid_request", `The body ${read.excess}; try a smaller payload`);
  const { value } = read;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return roundedOf(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isPayload(name) ? item : roundedOf(item)]),
  );
}

const isPayload = (name: string): boolean => name === "payload";

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return refuseJson();
  }
}

function refuseJson(): never {
  throw new Fault("invalid_request", "The body is not JSON in UTF-8");
}
