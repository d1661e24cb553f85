// Webhooks in, over HTTP: from a signed event to an example, once, whatever is sent again or forged.
import { beforeAll, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import { makeTenant, makeTextHead, must } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hooks")).key;
});

const examplesOf = async (head: string): Promise<readonly ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples`, { key })).data;
const MAPPING = { text: "/text", label: "/label", id: "/id" };

describe("a signed event", () => {
  it("becomes an example, its relabel an update, and the same once more nothing", async () => {
    await makeTextHead(key, "events");
    const source = await makeSource(key, "events", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
    expect(source).toMatchObject({ url: `/v1/hooks/${source.id}`, secret: expect.stringMatching(/^whsec_/) });
    const event = { id: 7, text: "where is my parcel?", label: "delivery" };
    const first = await deliver(source, event, "msg_1");
    expect([first.status, first.body]).toEqual([202, { delivery: "msg_1", outcome: "added" }]);
    expect((await deliver(source, { ...event, label: "status" }, "msg_2")).body.outcome).toBe("updated");
    expect((await deliver(source, { ...event, label: "status" }, "msg_3")).body.outcome).toBe("unchanged");
    const again = await deliver(source, event, "msg_1");
    expect([again.status, again.body]).toEqual([200, { delivery: "msg_1", outcome: "duplicate" }]);
    expect(await examplesOf("events")).toMatchObject([{ id: "7", label: "status", source: "webhook" }]);
  });
});
