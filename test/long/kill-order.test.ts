// SIGKILL of the runtime while events with times arrive in any order, each sent until it is answered: the newest event of each
// example decides. KILLS=10 npx vitest run --project long test/long/kill-order.test.ts does it ten times.
import { afterAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import { newTenant, pause, removeFolder, seeded, start, temporaryFolder } from "../journeys/support.ts";
import { standardHeaders } from "../support/signing.ts";

const KILLS = Number(process.env.KILLS ?? 2);
const [EXAMPLES, EVENTS, SENDERS] = [40, 8, 8];
const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

interface Sent {
  readonly id: string;
  readonly at: string;
  readonly text: string;
  readonly label: string;
  readonly gone: boolean;
}

it(`the examples have the state of the newest events if the service is killed ${KILLS} times`, async () => {
  let service: Service = await start(folder);
  const port = Number(new URL(service.url).port);
  const { client, key } = await newTenant(service, "ordered");
  await client.createHead({ id: "head", task: "classification", backbone: "text-embedded" });
  const mapping = { text: "/text", label: "/label", id: "/id", order: "/at", delete_when: { "/gone": true } };
  const make = () => client.createSource("head", { scheme: "standard-webhooks", action: "add", mapping });
  const sources = [await make(), await make()] as const;

  const random = seeded(12);
  const events = Array.from({ length: EXAMPLES * EVENTS }, (_, i): Sent => {
    const minute = Math.floor(i / EXAMPLES);
    const id = `e${i % EXAMPLES}`;
    const at = `2026-03-01T10:0${minute}:00Z`;
    return { id, at, text: `message ${id}`, label: `label ${minute}`, gone: random() < 0.3 };
  });
  const expected = events.slice(-EXAMPLES).flatMap(({ id, label, gone }) => (gone ? [] : [`${id} ${label}`]));
  const queue = events.map((event) => ({ event, place: random() })).sort((a, b) => a.place - b.place);

  const send = async (i: number): Promise<void> => {
    const source = sources[i % 2 === 0 ? 0 : 1];
    const body = JSON.stringify(queue[i]?.event);
    for (let answered = false; !answered; ) {
      const headers = standardHeaders(source.secret, body, Date.now(), `msg_${i}`);
      const response = await fetch(service.url + source.url, { method: "POST", headers, body }).catch(() => null);
      answered = response?.ok === true;
      if (!answered) await pause(100);
    }
  };
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < queue.length) await send(next++);
  };
  const killer = async (): Promise<void> => {
    for (let kill = 1; kill <= KILLS; kill++) {
      while (next < (kill * queue.length) / (KILLS + 1)) await pause(5);
      await service.kill();
      service = await start(folder, port);
    }
  };
  try {
    await Promise.all([killer(), ...Array.from({ length: SENDERS }, sender)]);
    for (let i = 0; i < queue.length; i += 7) await send(i); // again: none has another effect
    const listed = await fetch(`${service.url}/v1/heads/head/examples?limit=200`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const { data } = (await listed.json()) as { data: { id: string; label: string }[] };
    expect(data.map(({ id, label }) => `${id} ${label}`).sort()).toEqual(expected.sort());
  } finally {
    await service.kill();
  }
});
