// Reads the inputs and options of a prediction from JSON or from raw float32 rows.
import { parseVector } from "../../contract/inputs/features.ts";
import { type PredictBody, type PredictOptions, predictBody } from "../../contract/predict.ts";
import { toFloat32 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { mediaType, parseJson, readBytes, refuseMediaType, wholeBody } from "../request/body.ts";
import { parse } from "../request/validate.ts";
import { readLargePredictionRequest } from "./large-prediction-request.ts";
import { type InputRules, type Inputs, type PredictionRequest, readInput } from "./parse-input.ts";
import { readPlainRows } from "./plain-rows.ts";

const FLOAT_ROWS = "application/vnd.lastlayer.f32";

/** `query`: the options of a body that has only rows. `mostBytes`: null if the length is known to be allowed. */
export async function readPredictionRequest(
  request: Request,
  query: PredictOptions,
  mostBytes: number | null,
): Promise<PredictionRequest> {
  const type = mediaType(request);
  if (type === FLOAT_ROWS) return { options: query, inputsFor: rowsOf(await bodyOf(request, mostBytes)) };
  if (type !== "application/json") refuseMediaType(request, ["application/json", FLOAT_ROWS]);
  if (Object.keys(query).length > 0) throw misplaced(Object.keys(query)[0] as string);
  const json = await bodyOf(request, mostBytes);
  // Vectors are parsed in place: JSON.parse would take as long as everything else here for a prediction.
  const rows = json.byteLength <= LIMITS.plainRowsBytes ? readPlainRows(json) : null;
  if (!rows && json.byteLength > LIMITS.wholeJsonBytes) return readLargePredictionRequest(json);
  const { inputs, ...options } = parseBody(rows ? { ...rows.options, inputs: rows.inputs } : parseJson(json));
  return { options, inputsFor: (rules) => inputs.map((value, index) => readInput(value, index, rules)) };
}

const bodyOf = (request: Request, mostBytes: number | null): Promise<Uint8Array> =>
  mostBytes === null ? wholeBody(request) : readBytes(request, mostBytes, "send fewer inputs per request");

const misplaced = (name: string): Fault => {
  const errors = [
    { pointer: `/${name}`, detail: `goes into the body; only ${FLOAT_ROWS} accepts options in the query` },
  ];
  return new Fault("invalid_request", `The query: /${name} ${errors[0]?.detail}`, { errors });
};

const parseBody = (value: unknown): PredictBody => (isPlain(value) ? value : parse(predictBody, value, "The body"));

/**
 * Whether `value` has only inputs and optionally a consistency, as most requests do. A schema gives the same result in ten
 * times the time.
 */
function isPlain(value: unknown): value is Pick<PredictBody, "inputs" | "consistency"> {
  if (typeof value !== "object" || value === null) return false;
  for (const name in value) if (name !== "inputs" && name !== "consistency") return false;
  const { inputs, consistency } = value as { readonly inputs?: unknown; readonly consistency?: unknown };
  return isSomeInputs(inputs) && (consistency === undefined || consistency === "strong" || consistency === "replica");
}

const isSomeInputs = (field: unknown): field is unknown[] =>
  Array.isArray(field) && field.length > 0 && field.length <= LIMITS.inputsPerPredict;

/** Little-endian float32 values, in rows of `dimension`. */
const rowsOf =
  (bytes: Uint8Array) =>
  ({ backbone, dimension }: InputRules): Inputs => {
    if (backbone.modality !== "features")
      throw new Fault(
        "unsupported_media_type",
        `${FLOAT_ROWS} is for heads on "features"; this one is on "${backbone.id}"`,
      );
    const rows = bytes.byteLength / (4 * dimension);
    const most = LIMITS.inputsPerPredict;
    if (!Number.isInteger(rows) || rows < 1 || rows > most) {
      const detail = `The body is ${bytes.byteLength} bytes; it must be 1 to ${most} rows of ${4 * dimension} bytes, ${dimension} float32 values each`;
      throw new Fault(rows > most ? "too_large" : "invalid_request", detail);
    }
    const values = toFloat32(bytes);
    return Array.from({ length: rows }, (_, r) =>
      parseVector(values.slice(r * dimension, (r + 1) * dimension), dimension),
    );
  };
