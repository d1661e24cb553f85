// Table output: columns of fixed width, right-aligned numbers, a dash for missing values.

export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly of: (row: Row) => string | number | null | undefined;
}

export const headerOf = <Row>(columns: readonly Column<Row>[]): string =>
  columns.map(({ title, width }) => title.padStart(width)).join("  ");

export const lineOf = <Row>(columns: readonly Column<Row>[], row: Row): string =>
  columns.map(({ width, of }) => String(of(row) ?? "–").padStart(width)).join("  ");

/** `value` with `digits` decimals; null stays null. */
export const fixed = (value: number | null | undefined, digits: number): string | null =>
  value === null || value === undefined ? null : value.toFixed(digits);
