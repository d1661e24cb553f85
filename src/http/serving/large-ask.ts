// A prediction with a large JSON body: found and parsed input by input, with turns of the event loop between inputs. Parsed
// values are discarded once the backbone has read them.
import { kindOf } from "../../contract/inputs.ts";
import { type PredictOptions, predictBody } from "../../contract/predict.ts";
import { itemsOfField, type JsonItems } from "../../core/json-items.ts";
import { excessOfJson } from "../../core/json-size.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { Turns } from "../../core/turns.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import { parseJson } from "../request/body.ts";
import { parse } from "../request/validate.ts";
import { type InputRules, type Inputs, type PredictionRequest, parseInput } from "./parse-input.ts";
import { readPlainVector } from "./plain-rows.ts";

export async function askOfLargeBody(json: Uint8Array): Promise<PredictionRequest> {
  const turns = new Turns(PREDICT_WORK.perTurn);
  const { perScannedByte: perByte } = PREDICT_WORK;
  const items = await itemsOfField(json, { field: "inputs", most: LIMITS.inputsPerPredict, turns, perByte });
  if (!items || items.hasMore || items.rest.byteLength > LIMITS.uncountedJsonBytes) throw refusal(json, items);
  const options = optionsIn(parseJson(items.rest), items);
  return { options, inputsFor: (rules) => inputsOf(json, items, rules, turns) };
}

/** The fault of a body whose inputs are not parsed: too many values, too many inputs, or another form. */
function refusal(json: Uint8Array, items: JsonItems | null): Fault {
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
function optionsIn(rest: unknown, { spans }: JsonItems): PredictOptions {
  const given = rest as { readonly inputs?: unknown };
  if (!Array.isArray(given.inputs) || given.inputs.length > 0) {
    const errors = [{ pointer: "/inputs", detail: "must be given once" }];
    throw new Fault("invalid_request", "The body: /inputs must be given once", { errors });
  }
  const places = new Array(spans.length).fill(null);
  const { inputs: _, ...options } = parse(predictBody, { ...given, inputs: places }, "The body");
  return options;
}

async function inputsOf(json: Uint8Array, { spans }: JsonItems, rules: InputRules, turns: Turns): Promise<Inputs> {
  const inputs: Inputs = [];
  for (const { from, to } of spans) {
    inputs.push(inputOf(json.subarray(from, to), rules));
    await turns.spend(PREDICT_WORK.perParsedByte * (to - from));
  }
  return inputs;
}

function inputOf(json: Uint8Array, rules: InputRules): Inputs[number] {
  const { jsonBytes } = kindOf(rules.backbone.modality);
  if (json.byteLength > jsonBytes) return tooLong(jsonBytes);
  return parseInput(readPlainVector(json) ?? parseJson(json), rules);
}

const tooLong = (most: number): Inputs[number] => ({
  code: "invalid_input",
  detail: `the input is over ${most} bytes of JSON`,
});
