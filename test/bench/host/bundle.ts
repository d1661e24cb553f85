// The bench Worker as files that workerd serves: bundled as a deployment would be, once, and a configuration beside them.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";

export const root = new URL("../../../", import.meta.url).pathname;
const serviceConfig = join(root, "wrangler.toml");
const benchConfig = join(root, "test/bench/wrangler.toml");

/** What decides how code runs, and so must not differ between the service and its bench. */
const SHARED = ["compatibility_date", "compatibility_flags", "define", "rules", "minify", "keep_names"] as const;

/** Bundles into `folder`; returns the path of the configuration for `workerd serve`. */
export function bundleWorker(folder: string): string {
  refuseDrift();
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const flags = ["deploy", "--dry-run", "--config", benchConfig, "--outdir", folder];
  execFileSync(process.execPath, [wrangler, ...flags], { cwd: root, stdio: "pipe" });
  mkdirSync(join(folder, "disk"), { recursive: true });
  const path = join(folder, "bench.capnp");
  writeFileSync(path, runtimeConfig(folder));
  return path;
}

function refuseDrift(): void {
  const [service, bench] = [readConfig({ config: serviceConfig }), readConfig({ config: benchConfig })];
  const differing = SHARED.filter((key) => !isDeepStrictEqual(service[key], bench[key]));
  if (differing.length > 0)
    throw new Error(`test/bench/wrangler.toml differs from wrangler.toml in ${differing.join(", ")}: make them equal`);
}

/** The runtime alone, without wrangler's proxy before it: one process, whose memory is the bench's. */
function runtimeConfig(folder: string): string {
  const embed = (name: string, kind: string): string => `(name = "${name}", ${kind} = embed "${name}")`;
  const wasm = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const modules = [embed("worker.js", "esModule"), ...wasm.map((name) => embed(name, "wasm"))];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = .bench),
    (name = "disk", disk = (path = ${JSON.stringify(join(folder, "disk"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
const bench :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${readConfig({ config: benchConfig }).compatibility_date}",
  durableObjectNamespaces = [(className = "BenchObject", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "BENCH", durableObjectNamespace = "BenchObject")],
);
`;
}
