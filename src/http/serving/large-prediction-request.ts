// A prediction with a large JSON body: found and parsed input by input, with turns of the event loop between inputs. Parsed
// values are discarded once the backbone has read them.
import { kindOf } from "../../contract/inputs.ts";
import { itemsOfField, type JsonItems } from "../../core/json-items.ts";
import { LIMITS } from "../../core/limits.ts";
import { Turns } from "../../core/turns.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import { parseJson } from "../request/body.ts";
import { optionsIn, refusal } from "./large-prediction-request-options.ts";
import { type InputRules, type Inputs, type PredictionRequest, readLargeInput } from "./parse-input.ts";
import { readPlainVector } from "./plain-rows.ts";

export async function readLargePredictionRequest(json: Uint8Array): Promise<PredictionRequest> {
  const turns = new Turns(PREDICT_WORK.perTurn);
  const { perScannedByte: perByte } = PREDICT_WORK;
  const items = await itemsOfField(json, { field: "inputs", most: LIMITS.inputsPerPredict, turns, perByte });
  if (!items || items.hasMore || items.rest.byteLength > LIMITS.uncountedJsonBytes) throw refusal(json, items);
  const options = optionsIn(parseJson(items.rest), items);
  const { spans } = items;
  let unread: Uint8Array | null = json; // dropped once it is parsed: the backbone may need as much memory
  const inputsFor = (rules: InputRules): Promise<Inputs> => {
    if (!unread) throw new Error("The inputs of a prediction were asked for twice");
    const whole = unread;
    unread = null;
    return inputsOf(whole, spans, rules, turns);
  };
  return { options, inputsFor };
}

async function inputsOf(json: Uint8Array, spans: JsonItems["spans"], rules: InputRules, turns: Turns): Promise<Inputs> {
  const inputs: Inputs = [];
  for (const [index, { from, to }] of spans.entries()) {
    inputs.push(await inputAt(json.subarray(from, to), index, rules, turns));
    await turns.spend(PREDICT_WORK.perParsedByte * (to - from));
  }
  return inputs;
}

async function inputAt(json: Uint8Array, index: number, rules: InputRules, turns: Turns): Promise<Inputs[number]> {
  const { jsonBytes } = kindOf(rules.backbone.modality);
  if (json.byteLength > jsonBytes) return tooLong(jsonBytes);
  return readLargeInput(readPlainVector(json) ?? parseJson(json), index, rules, turns);
}

const tooLong = (most: number): Inputs[number] => ({
  code: "invalid_input",
  detail: `the input is over ${most} bytes of JSON`,
});
