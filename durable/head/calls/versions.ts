// The calls for a head itself, its versions and its traffic.
import { startVerification } from "../jobs/start-verification.ts";
import { askTenant } from "../quota-usage.ts";
import { promoteVersion, rollBack, setTraffic, viewOfTraffic } from "../serving/live.ts";
import type { HeadCalls } from "../tools.ts";
import { deleteVersion } from "../versions/retention.ts";
import { listVersions, readVersion, readWeights, textOfVersion } from "../versions/versions.ts";
import { viewOfHead } from "./head-view.ts";
import { updateHead } from "./update-head.ts";

export const versionCalls: HeadCalls<
  | ("describe" | "update" | "listVersions" | "getVersion" | "readVersion" | "readWeights" | "verifyVersion")
  | ("deleteVersion" | "promoteVersion" | "setTraffic" | "getTraffic" | "rollback")
> = {
  describe: ({ store, now }) => viewOfHead(store, now()),
  update: (tools, patch) => updateHead(tools, patch),
  listVersions: ({ store }, page) => listVersions(store, page),
  getVersion: ({ store }, version) => textOfVersion(store, version),
  readVersion,
  readWeights: ({ store }, version) => readWeights(store, version),
  deleteVersion: ({ store, now }, version) => deleteVersion(store, version, now()),
  promoteVersion: ({ store, now }, version) => promoteVersion(store, version, now()),
  setTraffic: ({ store, now }, body) => setTraffic(store, body, now()),
  getTraffic: ({ store }) => viewOfTraffic(store),
  rollback: ({ store, now }) => rollBack(store, now()),
  verifyVersion: async (tools, version, job) => {
    await askTenant(tools);
    return startVerification(tools, version, job);
  },
};
