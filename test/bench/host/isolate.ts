// Memory of an isolate, asked of its inspector: objects, and what buffers stand on. The WASM heap is no buffer to V8: it is
// added by whoever knows it.
import { once } from "node:events";

const SAMPLE_MS = 50;

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}

export interface WatchedIsolate<T> {
  readonly result: T;
  /** The most that was found beyond what was there before; it answers between two turns of its event loop. */
  readonly isolateBytes: number;
}

export async function watchingIsolate<T>(inspectorPort: number, work: () => Promise<T>): Promise<WatchedIsolate<T>> {
  const inspector = await openInspector(inspectorPort);
  try {
    const idleBytes = bytesOf(await inspector.ask<HeapUsage>("Runtime.getHeapUsage"));
    let [peakBytes, isOver] = [idleBytes, false];
    const sampling = (async () => {
      while (!isOver) {
        peakBytes = Math.max(peakBytes, bytesOf(await inspector.ask<HeapUsage>("Runtime.getHeapUsage")));
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
    })();
    const result = await work();
    isOver = true;
    await sampling;
    return { result, isolateBytes: peakBytes - idleBytes };
  } finally {
    inspector.close();
  }
}

const bytesOf = ({ usedSize, embedderHeapUsedSize, backingStorageSize }: HeapUsage): number =>
  usedSize + embedderHeapUsedSize + backingStorageSize;

/** The Chrome DevTools Protocol over its WebSocket: of it, one question at a time. */
async function openInspector(port: number) {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
  await once(socket, "open");
  let id = 0;
  const ask = async <T>(method: string): Promise<T> => {
    socket.send(JSON.stringify({ id: ++id, method }));
    const [event] = (await once(socket, "message")) as [{ data: string }];
    return (JSON.parse(event.data) as { result: T }).result;
  };
  return { ask, close: () => socket.close() };
}
