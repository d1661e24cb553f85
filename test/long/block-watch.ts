// Measures how long a service blocks all other requests while it works for one caller. Another caller requests /healthz in a
// loop; its longest wait is the longest block. All suites of blocks use this.
//
// A wait counts only as far as the service caused it. Other processes use the processor too, so a wait counts at most as the
// processor time that the service's thread used in it. Some machines are slower, so a wait is divided by the ratio of a fixed
// calculation's time to that on the reference machine. The ratio is never below 1: on a fast machine a wait counts in full.
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { expect } from "vitest";
import { seeded } from "../journeys/support.ts";

/** The longest block allowed, in milliseconds of the reference machine. */
export const GOAL_MS = 50;
/** A garbage collection sometimes causes a wait, whatever the work is, so the best of some tries counts. */
const TRIES = 6;
/** Linux updates a thread's processor time at each tick of its scheduler. */
const TICK_MS = 4;
/** Milliseconds of the fixed calculation on the reference machine: one core of a Xeon at 2.1 GHz without other load. */
const REFERENCE_MS = 3;
const CALCULATIONS = 10;

export interface WatchedService {
  readonly url: string;
  /** The process of workerd, whose first thread runs all JavaScript of the service. */
  readonly pid: number;
}

export interface Sent {
  readonly method?: string;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const nothing = async (): Promise<void> => undefined;

export class BlockWatch {
  readonly #service: WatchedService;
  readonly #lines: string[] = [];

  constructor(service: WatchedService) {
    this.#service = service;
  }

  /** The longest block of each work so far, for output. */
  get table(): string {
    return ["longest block of each loop, in ms", ...this.#lines].join("\n");
  }

  /** Sends a request on its own connection. Returns the status of the response, whose body is read and discarded. */
  send(path: string, sent: Sent = {}): Promise<number> {
    return send(this.#service.url + path, sent);
  }

  /** `prepare` runs before every try, and is not measured. */
  async expectShort(
    name: string,
    work: () => Promise<unknown>,
    prepare: () => Promise<unknown> = nothing,
  ): Promise<void> {
    const longest = await this.#longestBlock(work, prepare);
    this.#lines.push(`${longest.toFixed(1).padStart(8)}  ${name}`);
    expect(longest).toBeLessThanOrEqual(GOAL_MS);
  }

  async #longestBlock(work: () => Promise<unknown>, prepare: () => Promise<unknown>): Promise<number> {
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < TRIES && best > GOAL_MS; attempt++) {
      await prepare();
      const before = slowness();
      const longest = await this.#longestWait(work);
      best = Math.min(best, longest / Math.max(before, slowness()));
    }
    return best;
  }

  /** The longest response time of an empty request, sent one after the other until the work is done. */
  async #longestWait(work: () => Promise<unknown>): Promise<number> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let isOver = false;
    const working = work().finally(() => {
      isOver = true;
    });
    let longest = 0;
    do longest = Math.max(longest, await this.#wait(agent));
    while (!isOver);
    agent.destroy();
    await working;
    return longest;
  }

  async #wait(agent: Agent): Promise<number> {
    const { url, pid } = this.#service;
    const [started, used] = [performance.now(), processorMs(pid)];
    await send(`${url}/healthz`, {}, agent);
    return Math.min(performance.now() - started, processorMs(pid) - used + TICK_MS);
  }
}

function send(url: string, { method = "GET", type, body, key, headers: given = {} }: Sent, agent?: Agent) {
  return new Promise<number>((resolve, reject) => {
    const headers = { ...given };
    if (key !== undefined) headers.Authorization = `Bearer ${key}`;
    if (type !== undefined) headers["Content-Type"] = type;
    const sending = httpRequest(url, { method, headers, agent: agent ?? false });
    sending.on("error", reject).on("response", (response) => {
      response.on("error", reject).resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sending.end(body);
  });
}

/** Processor time of the first thread of a process so far. Where the system does not report it, every wait counts in full. */
function processorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Ratio of a fixed calculation's time to that on the reference machine; at least 1. */
function slowness(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALCULATIONS; i++) {
    const started = performance.now();
    calculate();
    least = Math.min(least, performance.now() - started);
  }
  return Math.max(1, least / REFERENCE_MS);
}

/** A calculation like most work of the service: reads small parts of a text, and looks each up in a map. */
function calculate(): number {
  const counts = new Map<string, number>();
  const uniform = seeded(1);
  for (let i = 0; i < 20_000; i++) {
    const word = `word ${Math.floor(uniform() * 1_000)}`.slice(2);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts.size;
}
