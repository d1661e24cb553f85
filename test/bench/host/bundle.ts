// A Worker as files for workerd, bundled as for a deployment, with a configuration.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";

export const root = new URL("../../../", import.meta.url).pathname;
const serviceConfig = join(root, "wrangler.toml");
const benchConfig = join(root, "test/bench/wrangler.toml");

/** Settings that affect how code runs, and must be equal in the service and its bench. */
const SHARED = ["compatibility_date", "compatibility_flags", "define", "rules", "minify", "keep_names"] as const;

export interface Bundle {
  /** The configuration of wrangler, and the entry if it differs from that in the configuration. */
  readonly config: string;
  readonly entry?: string;
  /** The bundled entry's file name. */
  readonly main: string;
  /** Text bindings. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One object that runs operations of the engine. */
export const BENCH_WORKER: Bundle = { config: benchConfig, main: "worker.js", settings: {} };

/** The service with an additional echo. */
export const serviceWorker = (settings: Bundle["settings"]): Bundle => ({
  config: serviceConfig,
  entry: join(root, "test/bench/serve-worker.ts"),
  main: "serve-worker.js",
  settings,
});

/** Bundles into `folder`. Returns the path of the configuration for `workerd serve`. */
export function bundleWorker(folder: string, bundle: Bundle): string {
  refuseDrift();
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const entry = bundle.entry === undefined ? [] : [bundle.entry];
  const flags = ["deploy", ...entry, "--dry-run", "--config", bundle.config, "--outdir", folder];
  execFileSync(process.execPath, [wrangler, ...flags], { cwd: root, stdio: "pipe" });
  mkdirSync(join(folder, "disk"), { recursive: true });
  const path = join(folder, "bench.capnp");
  writeFileSync(path, runtimeConfig(folder, bundle));
  return path;
}

function refuseDrift(): void {
  const [service, bench] = [readConfig({ config: serviceConfig }), readConfig({ config: benchConfig })];
  const differing = SHARED.filter((key) => !isDeepStrictEqual(service[key], bench[key]));
  if (differing.length > 0)
    throw new Error(`test/bench/wrangler.toml differs from wrangler.toml in ${differing.join(", ")}: make them equal`);
}

/**
 * The runtime alone, without wrangler's proxy: one process, whose memory is the bench's. It reaches this machine, where
 * receivers of webhooks are, and nothing else.
 */
function runtimeConfig(folder: string, { config, main, settings }: Bundle): string {
  const embed = (name: string, kind: string): string => `(name = "${name}", ${kind} = embed "${name}")`;
  const wasm = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const modules = [embed(main, "esModule"), ...wasm.map((name) => embed(name, "wasm"))];
  const { compatibility_date: date, durable_objects, assets } = readConfig({ config });
  const objects = durable_objects.bindings as readonly { readonly name: string; readonly class_name: string }[];
  const namespaces = objects.map(
    ({ class_name: name }) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  );
  const bindings = [
    ...objects.map(({ name, class_name: className }) => `(name = "${name}", durableObjectNamespace = "${className}")`),
    ...Object.entries(settings).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`),
    ...(assets?.binding ? [`(name = "${assets.binding}", service = "assets")`] : []),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "bench", worker = .bench),
    (name = "disk", disk = (path = ${JSON.stringify(join(folder, "disk"))}, writable = true)),
    (name = "internet", network = (allow = ["private"])),
    (name = "assets", disk = (path = ${JSON.stringify(join(root, ".build/assets"))})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
const bench :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${date}",
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${bindings.join(", ")}],
);
`;
}
