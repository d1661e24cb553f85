// Resident memory of a process, from Linux's /proc: the current value, and the peak during some work.
import { readFileSync, writeFileSync } from "node:fs";

const SAMPLE_MS = 20;
const BYTES_PER_KIB = 1024;

export interface Watched<T> {
  readonly result: T;
  /** null without /proc. */
  readonly peakBytes: number | null;
}

/** Bytes resident now; null without /proc. */
export const residentBytes = (pid: number): number | null => statusBytes(pid, "VmRSS");

/** The peak during `work`: the kernel's own mark if it can be reset, else the highest of frequent samples. */
export async function watchingPeak<T>(pid: number, work: () => Promise<T>): Promise<Watched<T>> {
  const field = resetPeak(pid) ? "VmHWM" : "VmRSS";
  let peakBytes = statusBytes(pid, field);
  const sample = () => {
    peakBytes = highest(peakBytes, statusBytes(pid, field));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  try {
    const result = await work();
    sample();
    return { result, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
    return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
  } catch {
    return null;
  }
}

/** Resets the peak to the current value (5: see clear_refs in proc(5)). Returns false if that is not permitted. */
function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}

const highest = (a: number | null, b: number | null): number | null => (a === null || b === null ? b : Math.max(a, b));
