// The interfaces of the objects of tenants and of their directory for the stateless Worker.
import type { Outcome } from "../core/problems.ts";
import type { Page, PageQuery, Scope } from "./common.ts";
import type {
  EndpointDeliveriesQuery,
  EndpointDelivery,
  EndpointPatch,
  EndpointView,
  EndpointWithSecret,
  NewEndpoint,
} from "./endpoints.ts";
import type { OutgoingEvent } from "./events.ts";
import type { HeadView } from "./heads.ts";
import type { IdempotencyRpc } from "./idempotency-rpc.ts";
import type { CreatedKey, KeyView, NewKey } from "./keys.ts";
import type { HeadConfig } from "./rpc.ts";
import type { FullQuotas, TenantPatch, TenantView } from "./tenants.ts";
import type { Allowance, HeadReport, Settled, Settlement, UsageQuery, UsageRow } from "./usage.ts";

/** The identity that a tenant key proves. */
export interface Principal {
  readonly tenant: string;
  /** Part of the names of the tenant's heads. A later tenant with the same id has another space. */
  readonly space: string;
  /** By head id, the generation of the head's object, if it is above 0. Absent if there are none. */
  readonly generations?: ReadonlyMap<string, number> | undefined;
  readonly scope: Scope;
  readonly quotas: FullQuotas;
  readonly key: {
    readonly id: string;
    /** ms since the epoch */
    readonly expiresAt: number | null;
    readonly requestsPerMinute: number | null;
  };
}

/** A tenant that was created, and its first key. */
export type NewTenant = CreatedKey & { readonly tenant: TenantView };

/** The interface of a tenant's object for outgoing webhooks. */
export interface EndpointRpc {
  createEndpoint(request: NewEndpoint): Promise<Outcome<EndpointWithSecret>>;
  listEndpoints(page: PageQuery): Promise<Outcome<Page<EndpointView>>>;
  getEndpoint(id: string): Promise<Outcome<EndpointView>>;
  updateEndpoint(id: string, patch: EndpointPatch): Promise<Outcome<EndpointView>>;
  deleteEndpoint(id: string): Promise<Outcome<null>>;
  rotateEndpoint(id: string): Promise<Outcome<EndpointWithSecret>>;
  testEndpoint(id: string): Promise<Outcome<EndpointDelivery>>;
  listEndpointDeliveries(id: string, query: EndpointDeliveriesQuery): Promise<Outcome<Page<EndpointDelivery>>>;
  redeliver(id: string, delivery: string): Promise<Outcome<EndpointDelivery>>;
  /** Accepts events of a head in `space`, each id once; `not_found` if that tenant was deleted. */
  acceptEvents(space: string, events: readonly OutgoingEvent[]): Promise<Outcome<null>>;
}

export interface TenantRpc extends IdempotencyRpc, EndpointRpc {
  create(id: string, name: string): Promise<Outcome<NewTenant>>;
  describe(): Promise<Outcome<TenantView>>;
  update(patch: TenantPatch): Promise<Outcome<TenantView>>;
  /** Refuses every key from now on. */
  beginDeletion(): Promise<Outcome<null>>;
  /** Deletes all data of a tenant whose deletion has begun, and removes a tenant that was never created from the list. */
  finishDeletion(): Promise<Outcome<null>>;
  authenticate(keyHash: string): Promise<Outcome<Principal | null>>;
  createKey(request: NewKey): Promise<Outcome<CreatedKey>>;
  listKeys(page: PageQuery): Promise<Outcome<Page<KeyView>>>;
  revokeKey(id: string): Promise<Outcome<null>>;
  createHead(config: HeadConfig): Promise<Outcome<{ readonly head: HeadView; readonly generation: number }>>;
  listHeads(page: PageQuery): Promise<Outcome<Page<string>>>;
  /** Returns the generation that a new head with this id would have. */
  deleteHead(id: string): Promise<Outcome<number>>;
  /** Frees the id of a head that is listed but was never created. */
  settleHead(id: string): Promise<Outcome<null>>;
  /** Books what a Worker spent and counted, and grants it new leases. */
  settle(settlement: Settlement): Promise<Outcome<Settled>>;
  /** Accepts the totals of a head, and returns its allowance. */
  reportHead(report: HeadReport): Promise<Outcome<Allowance>>;
  listUsage(query: UsageQuery): Promise<Outcome<Page<UsageRow>>>;
}

/** The location of a source's head. */
export interface SourceRoute extends Pick<Principal, "tenant" | "space"> {
  readonly head: string;
  readonly generation: number;
}

export interface DirectoryRpc extends IdempotencyRpc {
  put(tenant: string): Promise<void>;
  has(tenant: string): Promise<boolean>;
  list(page: PageQuery): Promise<Outcome<Page<string>>>;
  remove(tenant: string): Promise<void>;
  putSource(source: string, route: SourceRoute): Promise<void>;
  sourceRoute(source: string): Promise<SourceRoute | null>;
  removeSource(source: string): Promise<void>;
  /** Removes the sources of a head, or of all heads of the tenant. */
  removeSources(owner: Pick<Principal, "tenant" | "space">, head: string | null): Promise<void>;
  /**
   * Soon deletes the files in the bucket whose keys begin with `prefix`. The caller ensures that nothing puts more files there.
   */
  dropFiles(prefix: string): Promise<void>;
}
