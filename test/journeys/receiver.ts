// A receiver of webhooks, as a customer runs one: a real HTTP server that checks signatures with the library of the
// standard, keeps what came, and answers as a test wants.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** What it does with the nth request, from 0. */
export type Behaviour = (response: ServerResponse, n: number, request: IncomingMessage) => void;

export const well: Behaviour = (response) => void response.writeHead(204).end();

export interface Receiver {
  readonly url: string;
  /** In the order in which they came, every attempt; those with a bad signature are none. */
  readonly received: readonly Received[];
  /** Requests that did not verify. */
  readonly forged: number;
  secret: string;
  behaviour: Behaviour;
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
}

export async function startReceiver(behaviour: Behaviour = well): Promise<Receiver> {
  const received: Received[] = [];
  let [port, forged, count] = [0, 0, 0];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      try {
        new Webhook(receiver.secret).verify(body, request.headers as Record<string, string>);
        received.push({ id: String(request.headers["webhook-id"]), ...JSON.parse(body), at: Date.now() });
      } catch {
        forged++;
      }
      receiver.behaviour(response, count++, request);
    });
  });
  const receiver: Receiver = {
    received,
    behaviour,
    secret: "",
    get url() {
      return `http://127.0.0.1:${port}/hook`;
    },
    get forged() {
      return forged;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          port = (server.address() as AddressInfo).port;
          resolve();
        });
      }),
  };
  await receiver.start();
  return receiver;
}
