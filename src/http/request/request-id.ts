// An id for every request, in its response, its problems and the operator's log.
import { ID_CHARS, randomBase62 } from "../../core/ids.ts";

const IDS_AT_A_TIME = 200;
let drawn = "";
let at = 0;

/**
 * Cuts ids from a random string drawn for many requests: drawing one per request takes longer than everything else here. An id
 * is not a secret.
 */
export function newRequestId(): string {
  if (at === drawn.length) {
    drawn = randomBase62(IDS_AT_A_TIME * ID_CHARS, (length) => crypto.getRandomValues(new Uint8Array(length)));
    at = 0;
  }
  at += ID_CHARS;
  return `req_${drawn.slice(at - ID_CHARS, at)}`;
}
