// The tables of what Workers report of their predictions.
import { CaptureTable } from "../../tables/captures.ts";
import { PredictionTable } from "../../tables/predictions.ts";
import { StatsTable } from "../../tables/stats.ts";

export interface ServingTables {
  readonly stats: StatsTable;
  readonly captures: CaptureTable;
  readonly predictions: PredictionTable;
}

export const servingTables = (sql: SqlStorage): ServingTables => ({
  stats: new StatsTable(sql),
  captures: new CaptureTable(sql),
  predictions: new PredictionTable(sql),
});
