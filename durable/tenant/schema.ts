// The schema of a tenant's object.
import { ALARMS_SCHEMA } from "../kit/alarms.ts";
import { CHUNKS_SCHEMA } from "../kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS, IDEMPOTENCY_SCHEMA } from "../kit/idempotency.ts";
import type { Migration } from "../kit/migrations.ts";
import { DELIVERIES_OUT_SCHEMA } from "../tables/deliveries-out.ts";
import { ENDPOINTS_SCHEMA } from "../tables/endpoints.ts";
import { KEY_RATES_SCHEMA, KEYS_SCHEMA } from "../tables/keys.ts";
import { META_SCHEMA } from "../tables/meta.ts";
import { NAMES_SCHEMA } from "../tables/names.ts";
import { USAGE_SCHEMA } from "../tables/usage.ts";
import { REGISTRY_SCHEMAS } from "./registry.ts";

const WEBHOOKS_OUT = [ALARMS_SCHEMA, ENDPOINTS_SCHEMA, DELIVERIES_OUT_SCHEMA].join("\n");

/** Append-only: a migration that has run anywhere is never edited. */
export const TENANT_MIGRATIONS: readonly Migration[] = [
  [META_SCHEMA, CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA, KEYS_SCHEMA, NAMES_SCHEMA].join("\n"),
  IDEMPOTENCY_OWNERS,
  [KEY_RATES_SCHEMA, USAGE_SCHEMA].join("\n"),
  WEBHOOKS_OUT,
  IDEMPOTENCY_BYTES,
  ...REGISTRY_SCHEMAS,
];
