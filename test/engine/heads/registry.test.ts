// Runs the shared suite for every kind of head, and trains each by its solver.
import { expect, it } from "vitest";
import { HEAD_KIND_NAMES } from "../../../src/contract/recipes.ts";
import { HEAD_KINDS } from "../../../src/engine/heads/registry.ts";
import { SOLVERS } from "../../../src/engine/passes/solvers.ts";
import { describeHead } from "../../suites/head.suite.ts";
import { labelNames, outcomeOn, planOn } from "../../support/blocks.ts";
import { clusterBlocks } from "../../support/samples.ts";

for (const [name, kind] of Object.entries(HEAD_KINDS)) describeHead(name, kind, kind.hasHidden);

it.each(HEAD_KIND_NAMES)(
  "the solver of a head of kind %s trains it to the end, and the recipe reports the chosen settings",
  async (name) => {
    const { solver } = HEAD_KINDS[name];
    const options = { hidden_units: 16, max_epochs: 20 };
    const plan = planOn(clusterBlocks(6, 3), labelNames(3), { recipe: name, rounds: 1, options });
    const { final, recipe, metrics } = await outcomeOn(plan, clusterBlocks(6, 3));
    expect(final.kind).toBe(name);
    expect(Object.keys(recipe)).toEqual(expect.arrayContaining(Object.keys(SOLVERS[solver].settingOf({} as never))));
    expect(metrics.validation).toMatchObject({ accuracy: expect.closeTo(1, 0) });
  },
);

it("every kind of head provides the functions that its solver calls", () => {
  for (const { solver, addCurvature, takeSteps } of Object.values(HEAD_KINDS)) {
    expect({ path: addCurvature, epochs: takeSteps }[solver]).not.toBeNull();
  }
});
