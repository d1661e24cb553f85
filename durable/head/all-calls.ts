// Combines all tables of calls that a head answers.
import { exampleCalls } from "./example-calls.ts";
import { importCalls } from "./import.ts";
import { jobCalls } from "./job-calls.ts";
import { policyCalls } from "./policy-calls.ts";
import { servingCalls } from "./serving-calls.ts";
import { sourceCalls } from "./source-calls.ts";
import { versionCalls } from "./version-calls.ts";

export const HEAD_CALLS = {
  ...exampleCalls,
  ...jobCalls,
  ...versionCalls,
  ...servingCalls,
  ...policyCalls,
  ...importCalls,
  ...sourceCalls,
};
