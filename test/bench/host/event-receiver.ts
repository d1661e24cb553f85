// A receiver of the service's events that responds at once, and records the delay of each delivery after its event.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Receipt {
  /** Arrival time, in ms since the epoch. */
  readonly at: number;
  /** Milliseconds since the event, by the time in its body; both clocks are this machine's. */
  readonly delayMs: number;
}

export interface EventReceiver {
  readonly url: string;
  /** Deliveries of one type, in order of arrival. */
  readonly receipts: readonly Receipt[];
  stop(): void;
}

export async function startReceiver(type: string): Promise<EventReceiver> {
  const receipts: Receipt[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.writeHead(204).end();
      const event = JSON.parse(body) as { type: string; timestamp: string };
      const at = Date.now();
      if (event.type === type) receipts.push({ at, delayMs: at - Date.parse(event.timestamp) });
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, receipts, stop };
}
