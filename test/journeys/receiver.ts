// A receiver of webhooks as a customer runs one: a real HTTP server that verifies signatures with the standard's library,
// stores the requests, and responds as a test requires.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface Received {
  /** Its webhook-id. */
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** The request as received. */
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Handles a verified request. */
export type Behaviour = (response: ServerResponse, received: Received) => void;

export const well: Behaviour = (response) => void response.writeHead(204).end();

export class Receiver {
  /** Every verified request, in order of arrival. */
  readonly received: Received[] = [];
  forged = 0;
  secret = "";
  behaviour: Behaviour;
  readonly #server: Server;
  #port = 0;

  constructor(behaviour: Behaviour = well) {
    this.behaviour = behaviour;
    this.#server = createServer((request, response) => this.#take(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** Listens at the previous address, if there was one. */
  start(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#port, "127.0.0.1", () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve(this);
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const received = this.#verified(request, Buffer.concat(parts).toString());
      if (received) this.behaviour(response, received);
      else response.writeHead(401).end();
    });
  }

  #verified({ headers }: IncomingMessage, body: string): Received | null {
    try {
      const event = new Webhook(this.secret).verify(body, headers as Record<string, string>) as Received;
      const { type, data } = event;
      const received = { id: String(headers["webhook-id"]), type, data, at: Date.now(), headers, body };
      this.received.push(received);
      return received;
    } catch {
      this.forged++;
      return null;
    }
  }
}
