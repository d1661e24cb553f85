// Where an upload goes, and what it may use.
import { atIdentity } from "../../backbones/backbone.ts";
import type { RowRules } from "../../backbones/example-row.ts";
import { backboneOf } from "../../backbones/registry.ts";
import type { ExampleSource } from "../../contract/examples.ts";
import type { HeadRpc } from "../../contract/rpc.ts";
import { unwrap } from "../../core/problems.ts";
import type { Turns } from "../../core/turns.ts";
import type { Meter } from "../metering/meter.ts";
import { type CallOfHead, headOf, tenantOf } from "../request/call.ts";
import { Embedder } from "./embed.ts";
import { uploadTurns } from "./rows.ts";

export interface UploadTarget extends RowRules {
  readonly head: HeadRpc;
  /** Creation time of the head: a later head with the same id is another one. */
  readonly born: number;
  readonly source: ExampleSource;
  readonly examplesQuota: number;
  readonly meter: Meter | undefined;
  /** Turns of the event loop, for other requests. */
  readonly turns: Turns;
  readonly embedder: Embedder;
}

interface HeadCall extends CallOfHead {
  readonly meter: Meter | undefined;
}

/** The destination of a call's examples, and the rules for them. */
export async function uploadTargetOf(call: HeadCall, source: ExampleSource): Promise<UploadTarget> {
  const head = headOf(call);
  const { backbone, task, created_at: born } = unwrap(await head.describe());
  const { examples_per_head: examplesQuota } = tenantOf(call).quotas;
  const own = await atIdentity(await backboneOf(backbone.id, call.env.backbones), backbone);
  const rules = { task, backbone: own, dimension: backbone.dimension };
  const turns = uploadTurns();
  const embedder = new Embedder(rules, turns);
  return { ...rules, head, born: Date.parse(born), source, examplesQuota, meter: call.meter, turns, embedder };
}
