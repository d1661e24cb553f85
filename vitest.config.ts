// Three projects. `workerd` runs inside the Workers runtime, with the real bindings of wrangler.toml. `node` starts the service
// as a process, reads the repository, and does what only a process can. `long` does so for minutes: series of kills and retries,
// comparisons on real data, longest blocks. `npm test` runs the first two, `npm run test:long` the third.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { outside } from "./test/support/outside.ts";

const onNode = ["test/journeys/**/*.test.ts", "test/checks/**/*.test.ts", "test/compile/**/*.test.ts"];
const long = ["test/long/**/*.test.ts"];

/** Only what hangs takes so long, also on a busy machine. */
const timeouts = { testTimeout: 600_000, hookTimeout: 120_000 };
/** One file for each core: by default one core is left for Vitest, which needs little. */
const everyCore = { maxWorkers: "100%" };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { ADMIN_KEY: "admin-key-of-the-tests", ALLOW_PRIVATE_ENDPOINTS: "true" },
              outboundService: outside as never,
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: [...onNode, ...long],
          ...everyCore,
          ...timeouts,
        },
      },
      { test: { name: "node", include: onNode, ...everyCore, ...timeouts } },
      { test: { name: "long", include: long, fileParallelism: false, ...timeouts } },
    ],
  },
});
