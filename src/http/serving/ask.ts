// A prediction as it was asked for: inputs and options, out of JSON or out of raw float32 rows.
import type { ParsedInput } from "../../backbones/backbone.ts";
import { parseNumbers } from "../../backbones/features.ts";
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import { fieldErrors } from "../../contract/field-errors.ts";
import { input as inputSchema, type RowProblem } from "../../contract/inputs.ts";
import { type PredictBody, type PredictOptions, predictBody } from "../../contract/predict.ts";
import type { ServingState } from "../../contract/serving-rpc.ts";
import { toFloat32 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { mediaType, parseJson, readBytes, refuseMediaType, wholeBody } from "../body.ts";
import { parse } from "../validate.ts";
import { readPlainRows } from "./plain-rows.ts";

/** Inputs once it is known what the head takes: parsed, or what is wrong with each. */
export interface Ask {
  readonly options: PredictOptions;
  inputsFor(backbone: ServingState["backbone"]): (ParsedInput | RowProblem)[];
}

const FLOAT_ROWS = "application/vnd.lastlayer.f32";

/** `query`: the options of a body that is rows and nothing else. `mostBytes` of a larger body is asked for first. */
export async function readAsk(request: Request, query: PredictOptions, mostBytes: () => Promise<number>): Promise<Ask> {
  const type = mediaType(request);
  if (type === FLOAT_ROWS) return { options: query, inputsFor: rowsOf(await bodyOf(request, mostBytes)) };
  if (type !== "application/json") refuseMediaType(request, ["application/json", FLOAT_ROWS]);
  if (Object.keys(query).length > 0) throw misplaced(Object.keys(query)[0] as string);
  const { inputs, ...options } = parseBody(bodyIn(await bodyOf(request, mostBytes)));
  return { options, inputsFor: (backbone) => inputs.map((value) => parseInput(value, backbone)) };
}

function bodyOf(request: Request, mostBytes: () => Promise<number>): Promise<Uint8Array> {
  const told = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (told <= LIMITS.predictBodyBytes) return wholeBody(request);
  return mostBytes().then((most) => readBytes(request, most, "send fewer inputs a request"));
}

/** Vectors are read where they lie: to parse them takes as long as all else that is done here for a prediction. */
function bodyIn(json: Uint8Array): unknown {
  const rows = readPlainRows(json);
  return rows ? { ...rows.options, inputs: rows.inputs } : parseJson(json);
}

const misplaced = (name: string): Fault => {
  const errors = [{ pointer: `/${name}`, detail: `goes into the body; only ${FLOAT_ROWS} takes options in the query` }];
  return new Fault("invalid_request", `The query: /${name} ${errors[0]?.detail}`, { errors });
};

const parseBody = (value: unknown): PredictBody => (isPlain(value) ? value : parse(predictBody, value, "The body"));

/** Whether `value` is inputs and at most where to ask. For what most requests are: a schema finds the same, in ten times the time. */
function isPlain(value: unknown): value is Pick<PredictBody, "inputs" | "consistency"> {
  if (typeof value !== "object" || value === null) return false;
  for (const name in value) if (name !== "inputs" && name !== "consistency") return false;
  const { inputs, consistency } = value as { readonly inputs?: unknown; readonly consistency?: unknown };
  return isSomeInputs(inputs) && (consistency === undefined || consistency === "strong" || consistency === "replica");
}

function parseInput(value: unknown, { id, dimension }: ServingState["backbone"]): ParsedInput | RowProblem {
  if (value instanceof Float32Array) return BACKBONE_BY_ID[id].parse({ features: value }, dimension);
  if (isOnly(value, "features", isNumbers) || isOnly(value, "text", isText)) {
    return BACKBONE_BY_ID[id].parse(value, dimension);
  }
  const result = inputSchema.safeParse(value);
  if (result.success) return BACKBONE_BY_ID[id].parse(result.data, dimension);
  const [first] = fieldErrors(result.error);
  return { code: "invalid_input", detail: `${first?.pointer || "/"} ${first?.detail}` };
}

/** Whether `value` is one field and nothing else: the same for an input. */
function isOnly<Name extends string, Value>(
  value: unknown,
  name: Name,
  isValue: (field: unknown) => field is Value,
): value is { [Key in Name]: Value } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  return isValue((value as { [Key in Name]?: unknown })[name]);
}

const isSomeInputs = (field: unknown): field is unknown[] =>
  Array.isArray(field) && field.length > 0 && field.length <= LIMITS.inputsPerPredict;

const isText = (field: unknown): field is string => typeof field === "string";

function isNumbers(field: unknown): field is number[] {
  if (!Array.isArray(field) || field.length > LIMITS.dimensions) return false;
  for (const number of field) if (typeof number !== "number") return false;
  return true;
}

/** Little-endian float32 values, a row of `dimension` after another. */
const rowsOf =
  (bytes: Uint8Array) =>
  ({ id, dimension }: ServingState["backbone"]): (ParsedInput | RowProblem)[] => {
    if (id !== "features")
      throw new Fault("unsupported_media_type", `${FLOAT_ROWS} is for heads on "features"; this one is on "${id}"`);
    const rows = bytes.byteLength / (4 * dimension);
    const most = LIMITS.inputsPerPredict;
    if (!Number.isInteger(rows) || rows < 1 || rows > most) {
      const detail = `The body is ${bytes.byteLength} bytes; it must be 1 to ${most} rows of ${4 * dimension} bytes, ${dimension} float32 values each`;
      throw new Fault(rows > most ? "too_large" : "invalid_request", detail);
    }
    const values = toFloat32(bytes);
    return Array.from({ length: rows }, (_, r) =>
      parseNumbers(values.slice(r * dimension, (r + 1) * dimension), dimension),
    );
  };
