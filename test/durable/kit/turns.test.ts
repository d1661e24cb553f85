// Work by name, one after the other; closed, it refuses what comes later and waits for what came before.
import { expect, it } from "vitest";
import { Turns } from "../../../durable/kit/turns.ts";

const closed = (): Error => new Error("closed");

it("starts work on a name after all earlier work on it, even if that failed", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const failing = turns.take("a", async () => {
    await null;
    order.push("first");
    throw new Error("first");
  });
  const second = turns.take("a", async () => order.push("second"));
  const other = turns.take("b", async () => order.push("other"));
  await expect(failing).rejects.toThrow("first");
  await Promise.all([second, other]);
  expect(order).toEqual(["other", "first", "second"]);
});

it("ends all work that was taken before it closes, that which waits for a turn too", async () => {
  const turns = new Turns();
  const { promise, resolve } = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = turns.take("a", () => promise.then(() => order.push("first")));
  const second = turns.take("a", async () => order.push("second"));
  const closing = turns.close(closed).then(() => order.push("closed"));
  await expect(turns.take("a", async () => order.push("late"))).rejects.toThrow("closed");
  resolve();
  await Promise.all([first, second, closing]);
  expect(order).toEqual(["first", "second", "closed"]);
});

it("closes although work fails, and may be closed again", async () => {
  const turns = new Turns();
  const failing = turns.take("a", async () => Promise.reject(new Error("failed")));
  const closing = turns.close(closed);
  await expect(failing).rejects.toThrow("failed");
  await closing;
  await turns.close(closed);
});
