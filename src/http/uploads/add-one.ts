// One labelled input from a caller. A rejection of the example is a rejection of the request.
import type { Input } from "../../contract/inputs.ts";
import type { TargetFields } from "../../contract/targets.ts";
import { TARGET_FIELDS } from "../../contract/tasks.ts";
import type { UploadResult } from "../../contract/upload-result.ts";
import { Fault } from "../../core/problems.ts";
import { ingest } from "./ingest.ts";
import type { RawRow } from "./rows.ts";
import type { UploadTarget } from "./upload-target.ts";

/**
 * Adds `input` with these target fields. Call `uploadTargetOf` before the input is read from the head: it fixes the head's
 * identity, so that a later head with the same id never gets the input of a deleted one.
 */
export async function addOne(into: UploadTarget, input: Input, fields: TargetFields): Promise<UploadResult> {
  const result = await ingest(one({ value: { ...input, ...fields } }), into);
  const rejected = result.rejected[0];
  if (!rejected) return result;
  if (rejected.code === "quota_exceeded")
    throw new Fault("quota_exceeded", `The example was rejected: ${rejected.detail}`);
  const errors = [{ pointer: pointerIn(rejected.pointer), detail: rejected.detail }];
  throw new Fault("invalid_request", `The example was rejected: ${rejected.detail}`, { errors });
}

/**
 * Maps a pointer into the row to a pointer into the request, which has the input's fields in `input` and the target's beside
 * it.
 */
const pointerIn = (pointer = ""): string =>
  TARGET_FIELDS.some((field) => pointer === `/${field}` || pointer.startsWith(`/${field}/`))
    ? pointer
    : `/input${pointer}`;

async function* one(row: RawRow): AsyncGenerator<RawRow> {
  yield row;
}
