// Queues of work by name. Closing them refuses later work and waits for earlier work.
import { expect, it } from "vitest";
import { Queues } from "../../../durable/kit/queues.ts";

const closed = (): Error => new Error("closed");

it("work on a name starts after all earlier work on it, even if that failed", async () => {
  const queues = new Queues();
  const order: string[] = [];
  const failing = queues.run("a", async () => {
    await null;
    order.push("first");
    throw new Error("first");
  });
  const second = queues.run("a", async () => order.push("second"));
  const other = queues.run("b", async () => order.push("other"));
  await expect(failing).rejects.toThrow("first");
  await Promise.all([second, other]);
  expect(order).toEqual(["other", "first", "second"]);
});

it("closing waits for all earlier work, including work that has not started", async () => {
  const queues = new Queues();
  const { promise, resolve } = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = queues.run("a", () => promise.then(() => order.push("first")));
  const second = queues.run("a", async () => order.push("second"));
  const closing = queues.close(closed).then(() => order.push("closed"));
  await expect(queues.run("a", async () => order.push("late"))).rejects.toThrow("closed");
  resolve();
  await Promise.all([first, second, closing]);
  expect(order).toEqual(["first", "second", "closed"]);
});

it("closing succeeds if work fails, and if the queues are closed already", async () => {
  const queues = new Queues();
  const failing = queues.run("a", async () => Promise.reject(new Error("failed")));
  const closing = queues.close(closed);
  await expect(failing).rejects.toThrow("failed");
  await closing;
  await queues.close(closed);
});
