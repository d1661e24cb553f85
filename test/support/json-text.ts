// The value of a result that objects pass to each other as JSON.
import type { JsonText } from "../../src/core/json-text.ts";
import { type Outcome, unwrap } from "../../src/core/problems.ts";

export const valueIn = <Value>(answered: Outcome<JsonText<Value>>): Value => JSON.parse(unwrap(answered).$json);
