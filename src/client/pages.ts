// Reads lists page by page.
import type { Page, PageQuery } from "../contract/common.ts";

/**
 * The items of all pages, each page requested when it is needed:
 * `for await (const example of itemsOf((page) => client.listExamples("shop", { ...page, label: "refund" })))`
 */
export async function* itemsOf<T>(list: (page: PageQuery) => Promise<Page<T>>): AsyncGenerator<T, void> {
  for (let after: string | null | undefined; after !== null; ) {
    const page: Page<T> = await list(after === undefined ? {} : { after });
    yield* page.data;
    after = page.next;
  }
}
