// Parses JSON of megabytes in turns of the event loop. Its values are counted against the same limits as other bodies.
import { parseInTurns } from "../../core/json-in-turns.ts";
import { JsonCount } from "../../core/json-size.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import { Turns } from "../../core/turns.ts";
import { PREDICT_WORK, UPLOAD_WORK } from "../../core/work.ts";
import { notJson, parseJson, parseJsonPart } from "./body.ts";

/** Like `parseJson`, in turns of the event loop. A single text or number may have `mostPartBytes`. */
export async function parseLargeJson(json: Uint8Array, mostPartBytes: number = LIMITS.jsonRowBytes): Promise<unknown> {
  if (json.byteLength <= LIMITS.wholeJsonBytes) return parseJson(json);
  const turns = new Turns(UPLOAD_WORK.perTurn);
  const count = new JsonCount();
  const parse = async (part: Uint8Array): Promise<unknown> => {
    if (part.byteLength > mostPartBytes)
      throw new Fault("too_large", `The body holds a text of ${part.byteLength} bytes; the most is ${mostPartBytes}`);
    const value = parseJsonPart(part, count);
    await turns.spend(UPLOAD_WORK.perByte * part.byteLength);
    return value;
  };
  try {
    return await parseInTurns(json, { spend: (bytes) => turns.spend(PREDICT_WORK.perScannedByte * bytes), parse });
  } catch (error) {
    throw error instanceof SyntaxError ? notJson(error) : error;
  }
}
