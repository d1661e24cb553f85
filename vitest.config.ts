// Two projects: `workerd` runs inside the Workers runtime, with the real bindings of wrangler.toml; `node` starts the
// service as a process, reads the repository, and does what only a process can.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { outside } from "./test/support/outside.ts";

const onNode = ["test/journeys/**/*.test.ts", "test/checks/**/*.test.ts"];

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
          exclude: onNode,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "node", include: onNode, testTimeout: 600_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
});
