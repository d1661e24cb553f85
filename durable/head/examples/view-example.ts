// Shows an example.
import type { ExampleView } from "../../../src/contract/examples.ts";
import { timestamp } from "../../../src/core/clock.ts";
import type { StoredExample } from "../../tables/example-rows.ts";
import type { HeadStore } from "../store.ts";
import { inlineInput } from "./stored-inputs.ts";

/** An example without its vector and file, which are stored apart from its row. */
export function viewOfExample(store: Pick<HeadStore, "config">, row: StoredExample): ExampleView {
  const { id, text, target, split, source, digest } = row;
  const input = inlineInput(store, text);
  const times = { created_at: timestamp(row.created_at), updated_at: timestamp(row.updated_at) };
  return { id, ...input, ...target, split, source, digest, ...times };
}
