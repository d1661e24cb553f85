// try
import { afterAll, it } from "vitest";
import { startReceiver } from "./receiver.ts";
import { newTenant, removeFolder, start, temporaryFolder, versionOf } from "./support.ts";

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));
it("x", async () => {
  const service = await start(folder, undefined, { ALLOW_PRIVATE_ENDPOINTS: "true" });
  try {
    const { client } = await newTenant(service, "acme");
    const receiver = await startReceiver();
    const ep = await client.createEndpoint({ url: receiver.url, events: ["*"] });
    receiver.secret = ep.secret;
    await client.createHead({ id: "h", task: "classification", backbone: "features", dimension: 2 });
    await client.uploadCsv(
      "h",
      `features,label\n${Array.from({ length: 10 }, (_, i) => `${Buffer.from(Float32Array.of(i % 2 ? 1 : -1, i / 9).buffer).toString("base64")},${i % 2 ? "a" : "b"}`).join("\n")}`,
    );
    const job = await client.startJob("h");
    await versionOf(client, "h", job.id);
    await client.testEndpoint(ep.id);
    await new Promise((r) => setTimeout(r, 1500));
    console.log(
      receiver.received,
      receiver.forged,
      JSON.stringify(await client.listEndpointDeliveries(ep.id), null, 1),
    );
    await receiver.stop();
  } finally {
    await service.kill();
  }
});
