// The tables of a head's examples: labels, inputs with their features, and the examples themselves.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { ExampleTable } from "../../tables/examples.ts";
import { FeatureTable } from "../../tables/features.ts";
import { LabelTable } from "../../tables/labels.ts";

export interface ExampleTables {
  readonly labels: LabelTable;
  readonly features: FeatureTable;
  readonly examples: ExampleTable;
}

export const exampleTables = (sql: SqlStorage, { backbone, task }: HeadConfig): ExampleTables => ({
  labels: new LabelTable(sql),
  features: new FeatureTable(sql, backbone.dimension),
  examples: new ExampleTable(sql, task),
});
