// A prediction with a large JSON body: its options, and the fault if its inputs cannot be read.
import { type PredictOptions, predictBody } from "../../contract/predict.ts";
import type { JsonItems } from "../../core/json-items.ts";
import { excessOfJson } from "../../core/json-size.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { parse } from "../request/validate.ts";

/** The fault of a body whose inputs are not parsed: too many values, too many inputs, or another form. */
export function refusal(json: Uint8Array, items: JsonItems | null): Fault {
  const excess = excessOfJson(json);
  if (excess !== null) return new Fault("too_large", `The body has ${excess}; send less per request`);
  if (items?.hasMore) {
    const errors = [{ pointer: "/inputs", detail: `must have at most ${LIMITS.inputsPerPredict} items` }];
    return new Fault("invalid_request", `The body: /inputs ${errors[0]?.detail}; send fewer inputs per request`, {
      errors,
    });
  }
  const detail = `The body must be a JSON object with "inputs", an array, and at most ${LIMITS.uncountedJsonBytes} bytes of options`;
  return new Fault(
    "invalid_request",
    `${detail}; a body of more than ${LIMITS.wholeJsonBytes} bytes is read input by input`,
  );
}

/** The options of a body, validated by the contract. */
export function optionsIn(rest: unknown, { spans }: JsonItems): PredictOptions {
  const given = rest as { readonly inputs?: unknown };
  if (!Array.isArray(given.inputs) || given.inputs.length > 0) {
    const errors = [{ pointer: "/inputs", detail: "must be given once" }];
    throw new Fault("invalid_request", "The body: /inputs must be given once", { errors });
  }
  const places = new Array(spans.length).fill(null);
  const { inputs: _, ...options } = parse(predictBody, { ...given, inputs: places }, "The body");
  return options;
}
