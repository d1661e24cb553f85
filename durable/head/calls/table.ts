// Combines all tables of calls that a head answers.
import { importCalls } from "../versions/import-version.ts";
import { exampleCalls } from "./examples.ts";
import { jobCalls } from "./jobs.ts";
import { policyCalls } from "./policy.ts";
import { servingCalls } from "./serving.ts";
import { sourceCalls } from "./sources.ts";
import { uploadCalls } from "./uploads.ts";
import { versionCalls } from "./versions.ts";

export const HEAD_CALLS = {
  ...exampleCalls,
  ...uploadCalls,
  ...jobCalls,
  ...versionCalls,
  ...servingCalls,
  ...policyCalls,
  ...importCalls,
  ...sourceCalls,
};
