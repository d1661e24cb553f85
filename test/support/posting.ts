// Many requests over a few keep-alive connections, each sent as soon as the previous one on its connection is answered, with
// Node's http, which needs little processor time.
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Posting {
  /** The method, POST by default. */
  readonly method?: "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Posted {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/**
 * Sends `count` requests, made on demand. Returns the responses in order. Rejects with the first request without a response.
 */
export async function postAll(
  url: string,
  { count, connections }: { readonly count: number; readonly connections: number },
  make: (index: number) => Posting,
): Promise<Posted[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Posted[] = Array(count);
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      answers[index] = await post(url, make(index), agent);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, connection));
  } finally {
    agent.destroy();
  }
  return answers;
}

function post(url: string, { method = "POST", path, headers, body }: Posting, agent: Agent): Promise<Posted> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const length = { "Content-Length": Buffer.byteLength(body) };
    const sending = request(url + path, { method, agent, headers: { ...headers, ...length } }, (response) => {
      text(response)
        .then((answer) => resolve({ status: response.statusCode ?? 0, text: answer, ms: performance.now() - started }))
        .catch(reject);
    });
    sending.once("error", reject).end(body);
  });
}
