// Wakes calls that wait inside this instance. It has no persistent state: after a restart callers ask again.

export class Signal {
  #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves at the next `notify`, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    let wake: () => void = () => undefined;
    const notified = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    await Promise.race([notified, scheduler.wait(timeoutMs)]);
    this.#waiting.delete(wake);
  }
}
