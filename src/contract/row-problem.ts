// Why one row, or one of several inputs, was rejected while others were accepted.

export const ROW_CODES = [
  "invalid_json",
  "invalid_example",
  "invalid_input",
  "invalid_label",
  "invalid_value",
  "unknown_label",
  "too_many_labels",
  "quota_exceeded",
] as const;
export type RowCode = (typeof ROW_CODES)[number];

export interface RowProblem {
  readonly code: RowCode;
  readonly detail: string;
  readonly pointer?: string;
}

export const isProblem = (value: object): value is RowProblem => "code" in value && "detail" in value;
