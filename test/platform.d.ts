// The Workers runtime as tests see it: `cloudflare:test`, and the bindings of wrangler.toml on `env`.
/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  interface Env {
    readonly HEADS: DurableObjectNamespace;
    readonly TENANTS: DurableObjectNamespace;
    readonly DIRECTORY: DurableObjectNamespace;
    readonly ASSETS: Fetcher;
    readonly FILES: R2Bucket;
    readonly ADMIN_KEY: string;
  }
}
