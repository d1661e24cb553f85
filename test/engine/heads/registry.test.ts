// Runs the shared suite for every kind of head.
import { HEAD_KINDS } from "../../../src/engine/heads/registry.ts";
import { describeHead } from "../../suites/head.suite.ts";

for (const [name, kind] of Object.entries(HEAD_KINDS)) describeHead(name, kind, name === "mlp");
