// The entry: a stateless app, and one object per tenant and per head. No other file imports it.
import { createApp } from "./http/app.ts";

export { DirectoryObject } from "../durable/directory-object.ts";
export { HeadObject } from "../durable/head-object.ts";
export { TenantObject } from "../durable/tenant-object.ts";

export default createApp();
