// The memory of an isolate, from its inspector: objects and buffers. V8 does not count the WASM heap as a buffer, so callers
// add it.
import { once } from "node:events";

const SAMPLE_MS = 50;

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}

export interface WatchedIsolate<T> {
  readonly result: T;
  /** The peak minus the state before the work. The inspector answers between two turns of the event loop. */
  readonly isolateBytes: number;
  /** The same without V8's objects, most of which are garbage that V8 collects when it needs the space. */
  readonly bufferBytes: number;
}

export async function watchingIsolate<T>(inspectorPort: number, work: () => Promise<T>): Promise<WatchedIsolate<T>> {
  const inspector = await openInspector(inspectorPort);
  try {
    const idle = await inspector.ask<HeapUsage>("Runtime.getHeapUsage");
    let [isolateBytes, bufferBytes, isOver] = [0, 0, false];
    const sampling = (async () => {
      while (!isOver) {
        const usage = await inspector.ask<HeapUsage>("Runtime.getHeapUsage");
        isolateBytes = Math.max(isolateBytes, bytesOf(usage) - bytesOf(idle));
        bufferBytes = Math.max(bufferBytes, usage.backingStorageSize - idle.backingStorageSize);
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
    })();
    const result = await work();
    isOver = true;
    await sampling;
    return { result, isolateBytes, bufferBytes };
  } finally {
    inspector.close();
  }
}

const bytesOf = ({ usedSize, embedderHeapUsedSize, backingStorageSize }: HeapUsage): number =>
  usedSize + embedderHeapUsedSize + backingStorageSize;

/** The Chrome DevTools Protocol over its WebSocket, with one request at a time. */
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
