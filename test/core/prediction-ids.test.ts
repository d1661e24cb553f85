// Ids of predictions, which contain the time of the prediction.
import { expect, it } from "vitest";
import { makePredictionId, PREDICTION_ID, timeOfPrediction } from "../../src/core/prediction-ids.ts";
import { systemRandom } from "../../src/core/random.ts";

it("prediction ids are unique, have a fixed form and contain their time", () => {
  for (const time of [0, 1, 1_700_000_000_000, Date.now(), 3_500_000_000_000]) {
    const ids = [makePredictionId(time, systemRandom), makePredictionId(time, systemRandom)] as const;
    expect(ids[0]).toMatch(PREDICTION_ID);
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids.map(timeOfPrediction)).toEqual([time, time]);
  }
});
