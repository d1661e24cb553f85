// Labels stored before labels were normalised: they stay, incoming labels match them, and collisions are reported.
import { describe, expect, it } from "vitest";
import { unwrap } from "../../../../src/core/problems.ts";
import { append, makeHead } from "../../../support/objects.ts";

describe("a label that was stored with spaces around it", () => {
  it("gets the examples with its normal form, and no second label is created", async () => {
    const head = await makeHead();
    await append(head, [{ id: "old", label: " x" }]);
    expect(await append(head, [{ id: "new", label: "x" }])).toMatchObject({ added: 1 });
    expect(await append(head, [{ id: "old", label: "x" }])).toMatchObject({ unchanged: 1 });
    unwrap(await head.rpc.updateExample("new", { label: "x" }));
    const { labels, examples, label_collisions } = unwrap(await head.rpc.describe());
    expect({ labels, examples, label_collisions }).toMatchObject({
      labels: [" x"],
      examples: { by_label: { " x": 2 } },
      label_collisions: [],
    });
    expect(unwrap(await head.rpc.listExamples({ label: "x" })).data.map(({ id }) => id)).toEqual(["old", "new"]);
  });

  it("is matched among fixed labels", async () => {
    const head = await makeHead([" x", "y"]);
    expect(await append(head, [{ id: "a", label: "x" }])).toMatchObject({ added: 1, rejected: [] });
    expect(unwrap(await head.rpc.describe()).examples.by_label).toEqual({ " x": 1, y: 0 });
  });
});

describe("two stored labels with the same normal form", () => {
  it("are reported by the head, found by either spelling, and no longer reported once one of them has no examples", async () => {
    const head = await makeHead(null, 4, "multilabel");
    await append(head, [
      { id: "both", labels: [" x", "x"] },
      { id: "one", labels: [" x"] },
      { id: "none", labels: [] },
    ]);
    expect(unwrap(await head.rpc.describe()).label_collisions).toEqual([[" x", "x"]]);
    for (const label of ["x", " x"])
      expect(unwrap(await head.rpc.listExamples({ label })).data.map(({ id }) => id)).toEqual(["both", "one"]);
    await append(head, [{ id: "new", labels: ["x"] }]);
    expect(unwrap(await head.rpc.getExample("new")).labels).toEqual(["x"]);
    unwrap(await head.rpc.updateExample("both", { labels: ["x"] }));
    unwrap(await head.rpc.updateExample("one", { labels: [] }));
    expect(unwrap(await head.rpc.describe()).label_collisions).toEqual([]);
  });
});
