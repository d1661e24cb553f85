// The bundles that are loaded in this isolate. Each is loaded once; the least recently used leave when their memory is wanted.
import type { MemoryBudget } from "../../core/memory-budget.ts";
import { type Wait, waitForRequest } from "../../core/wait-for-request.ts";
import type { GraphHost } from "../../graph/load.ts";
import type { BundleFiles } from "./bundle-files.ts";
import { type LoadedBundle, loadFiles, type WantedBundle } from "./load.ts";

export interface BundleHost extends GraphHost {
  readonly wait: Wait;
}

/**
 * Milliseconds without a new piece after which a loading counts as gone. PLATFORM: the runtime drops the pending promises of a request that
 * ends, so its loading may never end.
 */
const GONE_MS = 2_000;
/** Milliseconds without use after which a bundle leaves for a training that waits: to load it again takes a tenth of a second. */
const IDLE_MS = 10_000;

interface Kept {
  readonly loaded: LoadedBundle;
  usedAt: number;
}

export class LoadedBundles {
  readonly #host: BundleHost;
  /** By digest, the least recently used first. */
  readonly #kept = new Map<string, Kept>();
  /** When the last piece of a bundle was read, by digest, while it is loaded. */
  readonly #loadings = new Map<string, number>();

  constructor(host: BundleHost) {
    this.#host = host;
    host.memory.onShort((bytes, isPatient) => this.#giveBack(bytes, isPatient));
  }

  get count(): number {
    return this.#kept.size;
  }

  /** The bundle, loaded from `files` unless it is loaded. Waits while another request loads it. Throws `BackboneAway`. */
  async get(wanted: WantedBundle, files: BundleFiles): Promise<LoadedBundle> {
    for (;;) {
      const loaded = this.#use(wanted.digest);
      if (loaded) return loaded;
      if (!this.#isLoading(wanted.digest)) return this.#load(wanted, files);
      await waitForRequest(() => !this.#isLoading(wanted.digest), this.#host, GONE_MS);
    }
  }

  #use(digest: string): LoadedBundle | undefined {
    const kept = this.#kept.get(digest);
    if (!kept) return undefined;
    kept.usedAt = this.#host.now();
    this.#kept.delete(digest);
    this.#kept.set(digest, kept);
    return kept.loaded;
  }

  #isLoading(digest: string): boolean {
    const seenAt = this.#loadings.get(digest);
    return seenAt !== undefined && this.#host.now() - seenAt < GONE_MS;
  }

  async #load(wanted: WantedBundle, files: BundleFiles): Promise<LoadedBundle> {
    const { digest } = wanted;
    const touch = (): void => void this.#loadings.set(digest, this.#host.now());
    touch();
    try {
      return this.#keep(digest, await loadFiles(wanted, files, this.#host, touch));
    } finally {
      this.#loadings.delete(digest);
    }
  }

  /** Another request may have loaded it too, if this one took long: then its own copy is dropped. */
  #keep(digest: string, loaded: LoadedBundle): LoadedBundle {
    const other = this.#use(digest);
    if (other) loaded.graph.dispose();
    else this.#kept.set(digest, { loaded, usedAt: this.#host.now() });
    return other ?? loaded;
  }

  /** Drops the least recently used bundles. For a training that can wait, only idle ones; else all but the one that was used last. */
  #giveBack(bytes: number, isPatient: boolean): void {
    let missing = bytes;
    const newest = [...this.#kept.keys()].at(-1);
    for (const [digest, { loaded, usedAt }] of this.#kept) {
      if (missing <= 0) return;
      const isIdle = this.#host.now() - usedAt >= IDLE_MS;
      if (!isIdle && (isPatient || digest === newest)) continue;
      missing -= loaded.graph.heapBytes;
      this.#kept.delete(digest);
      loaded.graph.dispose();
    }
  }
}

const byBudget = new WeakMap<MemoryBudget, LoadedBundles>();

/** The bundles whose memory counts in this budget. */
export function bundlesIn(memory: MemoryBudget, make: () => BundleHost): LoadedBundles {
  const known = byBudget.get(memory);
  if (known) return known;
  const bundles = new LoadedBundles(make());
  byBudget.set(memory, bundles);
  return bundles;
}
