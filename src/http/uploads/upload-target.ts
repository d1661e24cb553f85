// Where an upload goes, and what it may use.
import type { RowRules } from "../../backbones/example-row.ts";
import type { ExampleSource } from "../../contract/examples.ts";
import type { HeadRpc } from "../../contract/rpc.ts";
import type { Turns } from "../../core/turns.ts";
import type { Meter } from "../meter.ts";

export interface UploadTarget extends RowRules {
  readonly head: HeadRpc;
  /** Creation time of the head: a later head with the same id is another one. */
  readonly born: number;
  readonly source: ExampleSource;
  readonly examplesQuota: number;
  readonly meter: Meter | undefined;
  /** Turns of the event loop, for other requests. */
  readonly turns: Turns;
}
