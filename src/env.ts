// Bindings and settings, parsed once per isolate; all mistakes are reported together. Stubs get their types only here: the
// objects implement the contract's interfaces.
import { z } from "@hono/zod-openapi";
import type { HeadRpc } from "./contract/rpc.ts";
import type { SourceRpc } from "./contract/source-rpc.ts";
import type { DirectoryRpc, Principal, TenantRpc } from "./contract/tenant-rpc.ts";
import { tellingBroken } from "./core/head-broken.ts";
import { isolateMemory, type MemoryBudget } from "./core/memory-budget.ts";
import { Fault } from "./core/problems.ts";

/** The bindings of wrangler.toml and the secrets of the Worker. */
export interface Bindings {
  readonly HEADS: DurableObjectNamespace;
  readonly TENANTS: DurableObjectNamespace;
  readonly DIRECTORY: DurableObjectNamespace;
  readonly ASSETS: Fetcher;
  /** Files of the operator's own backbones. */
  readonly BACKBONES?: R2Bucket;
  /** Images and sounds that are too large for a head's SQLite. Absent: inputs of that size are refused. */
  readonly FILES?: R2Bucket;
  /** Secret: the operator's key, for /v1/tenants. Absent: those routes are closed. */
  readonly ADMIN_KEY?: string;
  /** Seconds until a change of the live version reaches every Worker; default 2. */
  readonly REPLICA_MAX_AGE_SECONDS?: string;
  /** "true": webhooks may be sent over http and to private addresses. For local development. */
  readonly ALLOW_PRIVATE_ENDPOINTS?: string;
  /** Multiplies the waits between attempts of a webhook. For tests, which cannot wait for days. */
  readonly WEBHOOK_RETRY_SCALE?: string;
}

export interface Env {
  /** null: the operator's routes are closed. */
  readonly adminKey: string | null;
  readonly assets: Fetcher;
  /** The context with which backbones load their weights. */
  readonly backbones: BackboneFiles;
  /** null: the deployment has no bucket. */
  readonly files: R2Bucket | null;
  readonly replicaMaxAgeMs: number;
  readonly webhooks: WebhookSettings;
  head(owner: HeadOwner, head: string, generation: number): HeadRpc;
  /** The object of a head, as the interface of its sources. */
  sources(owner: HeadOwner, head: string, generation: number): SourceRpc;
  tenant(tenant: string): TenantRpc;
  directory(): DirectoryRpc;
}

interface BackboneFiles {
  readonly assets: Fetcher;
  /** null: this deployment has no backbones of its own. */
  readonly bucket: R2Bucket | null;
  readonly fetch: typeof fetch;
  readonly memory: MemoryBudget;
}

/** How outgoing webhooks are sent. */
export interface WebhookSettings {
  readonly allowPrivate: boolean;
  readonly retryScale: number;
}

/** The owner of a head: the tenant with its space. */
export type HeadOwner = Pick<Principal, "tenant" | "space">;

/** Name of a head's object. Heads of generation 0 keep the names from before generations existed. */
export const nameOfHead = ({ tenant, space }: HeadOwner, head: string, generation = 0): string =>
  generation === 0 ? `${tenant}.${space}/${head}` : `${tenant}.${space}/${head}~${generation}`;

/** Number of abandoned objects of this head's id: part of the name of its object. */
export const generationOf = ({ generations }: Pick<Principal, "generations">, head: string): number =>
  generations?.get(head) ?? 0;

/** The owner in an object's name; null if no tenant created it. */
export function ownerOfHead(name: string | undefined): HeadOwner | null {
  const [, tenant, space] = /^([^./]+)\.([^./]+)\//.exec(name ?? "") ?? [];
  return tenant !== undefined && space !== undefined ? { tenant, space } : null;
}

/** The id of the head in its object's name; "" if no tenant created it. */
export const idOfHead = (name = ""): string => /\/([a-z0-9-]{1,40})/.exec(name)?.[1] ?? "";

const SHORTEST_ADMIN_KEY_CHARS = 8;

const namespace = (name: string) =>
  z.custom<DurableObjectNamespace>((value) => value !== undefined, `${name} is not bound: see wrangler.toml`);
const settings = z.object({
  HEADS: namespace("HEADS"),
  TENANTS: namespace("TENANTS"),
  DIRECTORY: namespace("DIRECTORY"),
  ASSETS: z.custom<Fetcher>((value) => value !== undefined, "ASSETS is not bound: see wrangler.toml"),
  BACKBONES: z.custom<R2Bucket>().optional(),
  FILES: z.custom<R2Bucket>().optional(),
  ADMIN_KEY: z
    .string()
    .min(SHORTEST_ADMIN_KEY_CHARS, `ADMIN_KEY must have at least ${SHORTEST_ADMIN_KEY_CHARS} characters`)
    .optional(),
  REPLICA_MAX_AGE_SECONDS: z.coerce
    .number()
    .min(0, "REPLICA_MAX_AGE_SECONDS must be 0 or more")
    .max(60, "REPLICA_MAX_AGE_SECONDS must be 60 at most")
    .default(2),
  ALLOW_PRIVATE_ENDPOINTS: z
    .union([z.boolean(), z.stringbool()], "ALLOW_PRIVATE_ENDPOINTS must be true or false")
    .default(false),
  WEBHOOK_RETRY_SCALE: z.coerce
    .number("WEBHOOK_RETRY_SCALE must be a number from 0 to 1")
    .min(0, "WEBHOOK_RETRY_SCALE must be at least 0")
    .max(1, "WEBHOOK_RETRY_SCALE must be at most 1: waits are not made longer")
    .default(1),
});

const parsed = new WeakMap<object, Env>();

/** Throws one fault that lists all problems of the configuration. */
export function readEnv(bindings: Bindings): Env {
  const known = parsed.get(bindings);
  if (known) return known;
  const result = settings.safeParse(bindings);
  if (!result.success) throw new Fault("misconfigured", result.error.issues.map(({ message }) => message).join("; "));
  const env = wire(result.data);
  parsed.set(bindings, env);
  return env;
}

function wire({
  HEADS,
  TENANTS,
  DIRECTORY,
  ASSETS,
  BACKBONES,
  FILES,
  ADMIN_KEY,
  ...given
}: z.infer<typeof settings>): Env {
  return {
    adminKey: ADMIN_KEY ?? null,
    assets: ASSETS,
    backbones: {
      assets: ASSETS,
      bucket: BACKBONES ?? null,
      fetch: (...asked) => fetch(...asked),
      memory: isolateMemory,
    },
    files: FILES ?? null,
    replicaMaxAgeMs: 1_000 * given.REPLICA_MAX_AGE_SECONDS,
    webhooks: { allowPrivate: given.ALLOW_PRIVATE_ENDPOINTS, retryScale: given.WEBHOOK_RETRY_SCALE },
    head: (...of) => stubOf<HeadRpc>(HEADS, nameOfHead(...of)),
    sources: (...of) => stubOf<SourceRpc>(HEADS, nameOfHead(...of)),
    tenant: (tenant) => TENANTS.getByName(tenant) as unknown as TenantRpc,
    directory: () => DIRECTORY.getByName("tenants") as unknown as DirectoryRpc,
  };
}

const stubOf = <Rpc extends object>(heads: DurableObjectNamespace, name: string): Rpc =>
  tellingBroken(heads.getByName(name) as unknown as Rpc, name);
