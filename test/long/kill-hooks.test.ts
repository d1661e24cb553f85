// SIGKILL of the runtime while webhooks arrive, whose sender repeats each until it is answered: every delivery takes effect
// once. KILLS=10 npx vitest run --project long test/long/kill-hooks.test.ts does it ten times.
import { afterAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import { newTenant, pause, removeFolder, seeded, start, temporaryFolder } from "../journeys/support.ts";
import { standardHeaders } from "../support/signing.ts";

const KILLS = Number(process.env.KILLS ?? 3);
const [DELIVERIES, SENDERS] = [400, 8];
const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

it(`every delivery has one effect if the service is killed ${KILLS} times`, async () => {
  let service: Service = await start(folder);
  const port = Number(new URL(service.url).port);
  const { client } = await newTenant(service, "hooked");
  await client.createHead({ id: "head", task: "classification", backbone: "text-embedded" });
  const mapping = { text: "/text", label: "/label", id: "/id" };
  const source = await client.createSource("head", { scheme: "standard-webhooks", action: "add", mapping });

  const outcomes = new Map<string, string[]>();
  const send = async (i: number): Promise<void> => {
    const body = JSON.stringify({ id: `e${i}`, text: `message ${i}`, label: i % 2 === 0 ? "even" : "odd" });
    for (let answered = false; !answered; ) {
      const signed = standardHeaders(source.secret, body, Date.now(), `msg_${i}`);
      const response = await fetch(service.url + source.url, { method: "POST", headers: signed, body }).catch(
        () => null,
      );
      const answer = (await response?.json().catch(() => null)) as { outcome?: string } | null;
      answered = answer?.outcome !== undefined;
      if (answer?.outcome) outcomes.set(`msg_${i}`, [...(outcomes.get(`msg_${i}`) ?? []), answer.outcome]);
      else await pause(100);
    }
  };
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < DELIVERIES) await send(next++);
  };
  const random = seeded(45);
  const killer = async (): Promise<void> => {
    for (let kill = 1; kill <= KILLS; kill++) {
      const at = Math.floor(((kill - random()) * DELIVERIES) / (KILLS + 1));
      while (next < at) await pause(5);
      await service.kill();
      service = await start(folder, port);
    }
  };
  try {
    await Promise.all([killer(), ...Array.from({ length: SENDERS }, sender)]);
    for (let i = 0; i < DELIVERIES; i++) await send(i); // again: none has another effect
    const answers = [...outcomes.values()];
    expect(answers.length).toBe(DELIVERIES);
    expect(answers.filter((all) => all.at(-1) !== "duplicate")).toEqual([]);
    expect(answers.filter((all) => all.filter((one) => one === "added").length > 1)).toEqual([]);
    expect(answers.filter((all) => all.some((one) => one !== "added" && one !== "duplicate"))).toEqual([]);
    const head = await client.getHead("head");
    expect(head.examples.total).toBe(DELIVERIES);
  } finally {
    await service.kill();
  }
});
