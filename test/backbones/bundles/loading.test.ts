// How bundles get into an isolate and leave it: from their files, once, and only as they were made.
import { expect, it, vi } from "vitest";
import { BackboneAway } from "../../../src/backbones/backbone.ts";
import { filesOfBucket, filesOfDeployment } from "../../../src/backbones/bundles/bundle-files.ts";
import { LoadedBundles } from "../../../src/backbones/bundles/loaded-bundles.ts";
import { inputOfText } from "../../../src/contract/inputs/text.ts";
import { MemoryBudget } from "../../../src/core/memory-budget.ts";
import { kernelModule } from "../../../src/graph/kernels/module.ts";
import {
  backboneFrom,
  contextWith,
  smallTextBundle,
  storeOf,
  type TextBundle,
} from "../../support/small-text-bundle.ts";

const bundle = await smallTextBundle();
const HELLO = [inputOfText("hello")];
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function bundlesOf(capacity = 2 ** 30) {
  const clock = { now: 0 };
  const now = (): number => clock.now;
  const memory = new MemoryBudget(capacity, now);
  const wait = async (ms: number): Promise<void> => {
    clock.now += ms;
  };
  const host = { kernels: kernelModule, memory, now, wait };
  return { clock, memory, bundles: new LoadedBundles(host) };
}

const named = async (id: string): Promise<TextBundle> => smallTextBundle(id);

it("reads every file once, whatever the number of requests", async () => {
  const store = storeOf(bundle, () => pause(5));
  const backbone = backboneFrom(bundle, store);
  await Promise.all(Array.from({ length: 5 }, () => backbone.embed(HELLO, 64)));
  await backbone.embed(HELLO, 64);
  expect(store.reads.toSorted()).toEqual([...bundle.files.keys()].toSorted());
});

it("loads a bundle itself when the request that was loading it is gone", async () => {
  const { bundles, clock } = bundlesOf();
  const never = storeOf(bundle, () => new Promise(() => {}));
  void bundles.get(bundle.stated, never);
  await pause(0);
  expect((await bundles.get(bundle.stated, storeOf(bundle))).bundle.digest).toBe(bundle.stated.digest);
  expect(clock.now).toBeGreaterThanOrEqual(2_000);
});

it.each(["weights-00.bin", "weights-01.bin", "weights-02.bin", "bundle.json"])(
  "is away while %s is not the file that it was made with, and comes back with it",
  async (name) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const changed = new Map(bundle.files);
    const bytes = (changed.get(name) as Uint8Array<ArrayBuffer>).slice();
    bytes[40] = (bytes[40] as number) ^ 1;
    changed.set(name, bytes);
    const context = contextWith();
    const broken = backboneFrom(bundle, storeOf({ ...bundle, files: changed }), context);
    await expect(broken.embed(HELLO, 64)).rejects.toThrow(BackboneAway);
    expect(context.memory.inUse).toBe(0);
    const repaired = backboneFrom(bundle, storeOf(bundle), context);
    expect((await repaired.embed(HELLO, 64)).values.length).toBe(64);
    logged.mockRestore();
  },
);

it("is away while its files cannot be reached", async () => {
  const missing = backboneFrom(bundle, filesOfDeployment("small", contextWith()));
  await expect(missing.embed(HELLO, 64)).rejects.toThrow(/bundle.json of the backbone "small".*404/);
  const noBucket = backboneFrom(bundle, filesOfBucket("small", contextWith()));
  await expect(noBucket.embed(HELLO, 64)).rejects.toThrow(/has no bucket/);
  const fails = { fetch: () => Promise.reject(new Error("down")) } as unknown as Fetcher;
  const down = backboneFrom(bundle, filesOfDeployment("small", { assets: fails }));
  await expect(down.embed(HELLO, 64)).rejects.toThrow(BackboneAway);
});

it("is away when its bundle lacks a tap", async () => {
  const other = backboneFrom({ ...bundle, stated: { ...bundle.stated, taps: ["first", "third"] } });
  await expect(other.embed(HELLO, 64)).rejects.toThrow(BackboneAway);
});

it("drops the least recently used bundle when more is in use than fits, and loads it again", async () => {
  const [first, second] = [bundle, await named("other")];
  const { bundles, memory } = bundlesOf(300_000);
  const stores = [storeOf(first), storeOf(second)] as const;
  await bundles.get(first.stated, stores[0]);
  await bundles.get(second.stated, stores[1]);
  expect(bundles.count).toBe(2);
  memory.take(200_000).release();
  expect(bundles.count).toBe(1);
  await bundles.get(second.stated, stores[1]);
  expect(stores[1].reads.length).toBe(4);
  await bundles.get(first.stated, stores[0]);
  expect(stores[0].reads.length).toBe(8);
});

it("leaves for a training that waits only when nobody used it for ten seconds", async () => {
  const { bundles, memory, clock } = bundlesOf(300_000);
  await bundles.get(bundle.stated, storeOf(bundle));
  const training = { key: "training", bytes: 300_000, patient: true };
  expect(memory.tryReserve(training)).toBeNull();
  clock.now += 10_000;
  expect(memory.tryReserve(training)).not.toBeNull();
  expect(bundles.count).toBe(0);
});

it("counts in the budget as long as it is loaded", async () => {
  const { bundles, memory, clock } = bundlesOf();
  const { graph } = await bundles.get(bundle.stated, storeOf(bundle));
  for (let minute = 0; minute < 3; minute++) {
    clock.now += 61_000;
    const other = memory.tryReserve({ key: "a", bytes: 1, patient: false });
    expect(memory.inUse).toBe(graph.heapBytes + 1);
    other?.release();
  }
});
