// Prefixes of keys in the bucket: of all files of a tenant, and of those of one head. No later tenant or head has the same.
import type { TenantStore } from "./store.ts";

export const filesOfTenant = ({ id, space }: ReturnType<TenantStore["tenant"]>): string => `${id}.${space}/`;

/** null: the head can have no files in the bucket. */
export function filesOfHead(store: TenantStore, head: string): string | null {
  const folder = store.folders.of(head);
  return folder && `${filesOfTenant(store.tenant())}${head}/${folder}/`;
}
