// A head with a source, and the deliveries that it stores, for tests of the service inside this runtime.
import type { DeliveryView } from "../../src/contract/deliveries.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { CreatedSource, SourceView } from "../../src/contract/sources.ts";
import { makeTextHead, must } from "./service.ts";
import { makeSource } from "./webhooks.ts";

export const examplesOf = async (key: string, head: string): Promise<readonly ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples?limit=200`, { key })).data;
export const deliveriesOf = async (
  key: string,
  head: string,
  { id }: CreatedSource,
  query = "",
): Promise<readonly DeliveryView[]> =>
  (await must<{ data: DeliveryView[] }>("GET", `/v1/heads/${head}/sources/${id}/deliveries${query}`, { key })).data;
export const sourceOf = (key: string, head: string, { id }: CreatedSource) =>
  must<SourceView>("GET", `/v1/heads/${head}/sources/${id}`, { key });

export const MAPPING = { text: "/text", label: "/label", id: "/id", delete_when: { "/gone": true } };
export const EVENT = { id: 7, text: "where is my parcel?", label: "delivery" };

/** A text head with a source whose action is `add`. */
export async function makeInbox(key: string, head: string): Promise<CreatedSource> {
  await makeTextHead(key, head);
  return makeSource(key, head, { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
}
