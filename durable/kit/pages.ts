// Pages of lists: reading one row more than requested shows whether there are more.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import { SLUG } from "../../src/core/ids.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";

/** Number of rows to read: the page, and one more. */
export const rowsToRead = ({ limit }: PageQuery): number => (limit ?? LIMITS.pageSizeDefault) + 1;

/** The page from the rows that `rowsToRead` selected; `cursorOf` names its last item. */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  page: PageQuery,
  cursorOf: (row: Row) => string | number,
  view: (row: Row) => Item,
): Page<Item> {
  const size = rowsToRead(page) - 1;
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const more = rows.length > size && last !== undefined;
  return { data: shown.map(view), has_more: more, next: more ? String(cursorOf(last)) : null };
}

/** A cursor that is a row number, or `start` for the first page. */
export function numberCursor({ after }: PageQuery, start: number): number {
  if (after === undefined) return start;
  if (!/^\d{1,15}$/.test(after)) throw strangeCursor();
  return Number(after);
}

/** A cursor that is a slug; "", which is before all of them, for the first page. */
export function slugCursor({ after }: PageQuery): string {
  if (after !== undefined && !SLUG.test(after)) throw strangeCursor();
  return after ?? "";
}

/** The fault of a cursor that no page returned. */
export function strangeCursor(): Fault {
  const errors = [{ pointer: "/after", detail: "must be the `next` of an earlier page" }];
  return new Fault("invalid_request", "The cursor does not belong to this list", { errors });
}
