// A delivery between the answer that its inputs are stored and its commit.
import { expect, it } from "vitest";
import type { SourceRpc, UnembeddedDelivery } from "../../src/contract/source-rpc.ts";
import { finishDelivery } from "../../src/http/uploads/delivery.ts";
import { backboneContext } from "../support/guest-backbone.ts";

it("a delivery whose inputs were deleted before its commit is answered with a request to send it again", async () => {
  const head = { commitDelivery: async () => ({ ok: true, value: { missing: ["sha256:gone"] } }) };
  const backbone = { id: "features", identity: "sha256:test", dimension: 2 };
  const opened = { delivery: "d", signed: null, changes: [], inputs: [], backbone } as unknown as UnembeddedDelivery;
  const finished = finishDelivery(opened, {
    head: head as unknown as SourceRpc,
    source: "src_1",
    examplesQuota: 10,
    request: null,
    meter: undefined,
    backbones: backboneContext(),
  });
  await expect(finished).rejects.toMatchObject({ data: { code: "unavailable", retryAfterSeconds: 1 } });
});
