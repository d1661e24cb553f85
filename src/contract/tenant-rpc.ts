// What the objects of tenants and of their directory offer to the stateless Worker.
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
import type { CreatedKey, KeyView, NewKey } from "./keys.ts";
import type { HeadConfig, IdempotencyRpc } from "./rpc.ts";
import type { FullQuotas, TenantPatch, TenantView } from "./tenants.ts";
import type { Allowance, HeadReport, Settled, Settlement, UsageQuery, UsageRow } from "./usage.ts";

/** Who a tenant key speaks for. */
export interface Principal {
  readonly tenant: string;
  /** What the tenant's heads are named after; a tenant that takes the same id later has another one. */
  readonly space: string;
  /** Generations of heads' objects, by id, where they are above 0; absent where none is. */
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

/** What a tenant's object does about outgoing webhooks. */
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
  /** Takes events of a head of `space`, each id once; `not_found` where that tenant is gone. */
  acceptEvents(space: string, events: readonly OutgoingEvent[]): Promise<Outcome<null>>;
}

export interface TenantRpc extends IdempotencyRpc, EndpointRpc {
  create(id: string, name: string): Promise<Outcome<CreatedKey & { tenant: TenantView }>>;
  describe(): Promise<Outcome<TenantView>>;
  update(patch: TenantPatch): Promise<Outcome<TenantView>>;
  /** Refuses every key from here on. */
  beginDeletion(): Promise<Outcome<null>>;
  /** Forgets everything of a tenant whose deletion has begun, and takes one that was never made off the list. */
  finishDeletion(): Promise<Outcome<null>>;
  authenticate(keyHash: string): Promise<Outcome<Principal | null>>;
  createKey(request: NewKey): Promise<Outcome<CreatedKey>>;
  listKeys(page: PageQuery): Promise<Outcome<Page<KeyView>>>;
  revokeKey(id: string): Promise<Outcome<null>>;
  createHead(config: HeadConfig): Promise<Outcome<{ readonly head: HeadView; readonly generation: number }>>;
  listHeads(page: PageQuery): Promise<Outcome<Page<string>>>;
  /** Answers the generation that a head of this id would have now. */
  deleteHead(id: string): Promise<Outcome<number>>;
  /** Frees the id of a head that is listed and was never made. */
  settleHead(id: string): Promise<Outcome<null>>;
  /** Takes what a Worker spent and counted, and leases it more. */
  settle(settlement: Settlement): Promise<Outcome<Settled>>;
  /** Takes what a head has trained and stored so far, and tells what is left to it. */
  reportHead(report: HeadReport): Promise<Outcome<Allowance>>;
  listUsage(query: UsageQuery): Promise<Outcome<Page<UsageRow>>>;
}

/** Where the head of a source is. */
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
  /** Forgets the sources of a head, or of all heads of the tenant. */
  removeSources(owner: Pick<Principal, "tenant" | "space">, head: string | null): Promise<void>;
}
