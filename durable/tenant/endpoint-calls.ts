// What the calls about outgoing webhooks do.
import { Fault } from "../../src/core/problems.ts";
import type { TenantCalls } from "./calls.ts";

export const endpointCalls: TenantCalls<"acceptEvents"> = {
  acceptEvents: (store, space, _events) => {
    if (store.tenant().deleting || store.tenant().space !== space) throw new Fault("not_found", "The tenant is gone");
    return null;
  },
};
