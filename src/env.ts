// Bindings and settings, parsed once per isolate, every mistake reported together. Stubs get their types here and nowhere
// else: the objects implement what the contract says.
import { z } from "@hono/zod-openapi";
import type { HeadRpc } from "./contract/rpc.ts";
import type { SourceRpc } from "./contract/source-rpc.ts";
import type { DirectoryRpc, Principal, TenantRpc } from "./contract/tenant-rpc.ts";
import { Fault } from "./core/problems.ts";

/** What wrangler.toml and secrets hand to the Worker. */
export interface Bindings {
  readonly HEADS: DurableObjectNamespace;
  readonly TENANTS: DurableObjectNamespace;
  readonly DIRECTORY: DurableObjectNamespace;
  readonly ASSETS: Fetcher;
  /** Secret: opens /v1/tenants. Absent: nothing does. */
  readonly ADMIN_KEY?: string;
}

export interface Env {
  /** null: the operator's routes are closed. */
  readonly adminKey: string | null;
  readonly assets: Fetcher;
  head(owner: HeadOwner, head: string): HeadRpc;
  /** The same object, as the sources of the head see it. */
  sources(owner: HeadOwner, head: string): SourceRpc;
  tenant(tenant: string): TenantRpc;
  directory(): DirectoryRpc;
}

/** Whose a head is: the tenant, as it was made this time. */
export type HeadOwner = Pick<Principal, "tenant" | "space">;

const SHORTEST_ADMIN_KEY_CHARS = 8;

const namespace = (name: string) =>
  z.custom<DurableObjectNamespace>((value) => value !== undefined, `${name} is not bound: see wrangler.toml`);
const settings = z.object({
  HEADS: namespace("HEADS"),
  TENANTS: namespace("TENANTS"),
  DIRECTORY: namespace("DIRECTORY"),
  ASSETS: z.custom<Fetcher>((value) => value !== undefined, "ASSETS is not bound: see wrangler.toml"),
  ADMIN_KEY: z
    .string()
    .min(SHORTEST_ADMIN_KEY_CHARS, `ADMIN_KEY must have at least ${SHORTEST_ADMIN_KEY_CHARS} characters`)
    .optional(),
});

const parsed = new WeakMap<object, Env>();

/** Throws one fault that lists all that is wrong with the configuration. */
export function readEnv(bindings: Bindings): Env {
  const known = parsed.get(bindings);
  if (known) return known;
  const result = settings.safeParse(bindings);
  if (!result.success) throw new Fault("misconfigured", result.error.issues.map(({ message }) => message).join("; "));
  const env = wire(result.data);
  parsed.set(bindings, env);
  return env;
}

function wire({ HEADS, TENANTS, DIRECTORY, ASSETS, ADMIN_KEY }: z.infer<typeof settings>): Env {
  const headObject = ({ tenant, space }: HeadOwner, head: string) => HEADS.getByName(`${tenant}.${space}/${head}`);
  return {
    adminKey: ADMIN_KEY ?? null,
    assets: ASSETS,
    head: (owner, head) => headObject(owner, head) as unknown as HeadRpc,
    sources: (owner, head) => headObject(owner, head) as unknown as SourceRpc,
    tenant: (tenant) => TENANTS.getByName(tenant) as unknown as TenantRpc,
    directory: () => DIRECTORY.getByName("tenants") as unknown as DirectoryRpc,
  };
}
